import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../base/package.js';
import { exists } from '../../base/read.js';
import type { Plan } from '../../config/index.js';
import { tensorflowVersions } from '../../train/backend/tensorflow.js';
import { weightsFileOf } from '../../train/checkpoint.js';
import type { DatasetIdentity } from '../../train/data/dataset.js';
import { agree } from '../../train/parallel/agreement.js';
import { type Group, LoneGroup, RankError } from '../../train/parallel/group.js';
import { joinGroup } from '../../train/parallel/tensorflow-group.js';
import { leaves } from '../store/differences.js';
import { type Surroundings, tell } from '../surroundings.js';
import { checkPort, resolveAll } from './addresses.js';
import type { Place } from './place.js';

/** What may differ from rank to rank: where things lie, what is shown, who waits how long. */
const MAY_DIFFER =
  /^(runs_dir|threads|log_every|tensorboard|expect|parallel\.(hosts|join_timeout|timeout|trusted_network)|dataset\.(root|download|cache))(\.|$)/;

/**
 * Joins the other processes, and waits until all are there.
 *
 * @param place where this one stands
 * @param plan what is trained, and how long it waits
 * @param surroundings told what is waited for; its signal ends the waiting
 * @returns the group
 * @throws RankError when not all come, or one cannot be reached
 */
export async function meet(place: Place, { config }: Plan, surroundings: Surroundings): Promise<Group> {
  if (place.size === 1) return new LoneGroup();
  const { joinTimeout, timeout, trustedNetwork } = config.parallel!;
  const { signal } = surroundings;
  const report = (text: string) => tell(surroundings, { type: 'message', text });
  const peers = await resolveAll(place.addresses, joinTimeout, report, signal);
  await checkPort(place.addresses[place.rank]!);
  const { rank, size, addresses } = place;
  const waits = { joinTimeout, timeout, signal, report };
  return joinGroup({ rank, size, addresses, peers: trustedNetwork ? null : peers, ...waits });
}

/** What a rank has made ready, or why it cannot begin. */
export type Ready =
  | {
      readonly data: readonly DatasetIdentity[];
      /** The folder of the checkpoints that the run goes on from; null: it begins anew. */
      readonly resumed: string | null;
    }
  | { readonly error: unknown };

/**
 * Makes sure that all ranks begin the same training, before any of them begins.
 *
 * @param group the processes
 * @param plan what this one trains
 * @param ready what it has made ready, or why it cannot begin
 * @throws RankError when another one cannot begin or would train something else
 */
export async function agreeOn(group: Group, plan: Plan, ready: Ready): Promise<void> {
  if ('error' in ready) await refuse(group, ready.error);
  else await agree(group, { facts: factsOf(plan, ready), refusal: null });
}

/**
 * Tells the other ranks, which agree now, that this one cannot take part.
 *
 * @param group the processes
 * @param error why
 */
export async function refuse(group: Group, error: unknown): Promise<void> {
  const refusal = error instanceof Error ? error.message : String(error);
  try {
    await agree(group, { facts: {}, refusal });
  } catch (told) {
    // The others know now. What they are told of this one is its own error, which it shows itself.
    if (!(told instanceof RankError)) throw told;
  }
}

function factsOf(
  { resolved, config }: Plan,
  { data, resumed }: Exclude<Ready, { readonly error: unknown }>,
): Record<string, string> {
  const keys = [...leaves(resolved.yaml)].filter(([key]) => !MAY_DIFFER.test(key));
  const versions = { lossnet: VERSION, ...tensorflowVersions() };
  const files =
    resumed === null ? [] : ['resume', 'best'].map((name) => join(resumed, `${name}.safetensors`));
  const from = config.init?.from;
  return {
    ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`version of ${name}`, version])),
    '--resume': resumed === null ? 'no' : 'yes',
    ...Object.fromEntries(keys),
    ...Object.fromEntries(
      data.map(({ name, split, records, sha256, standsInFor }, i) => [
        `data ${['to train on', 'to evaluate on', 'for the end'][i]}`,
        `${name} ${split}, ${records}, sha256 ${sha256.slice(0, 16)}${standsInFor ? ` in place of ${standsInFor}` : ''}`,
      ]),
    ),
    ...Object.fromEntries(files.map((file) => [file, fingerprint(file)])),
    ...(from && { 'init.from': fingerprint(weightsFileOf(from)) }),
  };
}

function fingerprint(file: string): string {
  if (!exists(file)) return 'not there';
  return `sha256 ${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)}`;
}
