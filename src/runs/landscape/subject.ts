import { createHash } from 'node:crypto';
import { UsageError } from '../../base/errors.js';
import { readBytes } from '../../base/read.js';
import { type ConfigYaml, type Plan, planRun } from '../../config/index.js';
import type { State } from '../../train/landscape/directions.js';
import { checkStateDict, readWeightsFile } from '../../train/model/weights.js';
import { decodeSafetensors } from '../../train/safetensors.js';
import { namesOtherData } from '../evaluate/other-data.js';
import { exportedModel } from '../store/folder.js';
import { namesOf } from '../store/names.js';
import { identityOf, type RunRecord, readRun } from '../store/read.js';
import type { Weights } from '../trained/find.js';
import { openTrained, type Trained } from '../trained/open.js';

/** A run whose surroundings are looked at. */
export interface Subject {
  readonly path: string;
  readonly name: string;
  readonly record: RunRecord;
  readonly trained: Trained;
  readonly plan: Plan;
  /** Its trained weights and its buffers, all that are no counters. */
  readonly state: State;
  /** Of the file that they are in. */
  readonly weightsSha256: string;
  /** Whether other data than its own are named. */
  readonly isOther: boolean;
}

/**
 * Reads a run and its weights.
 *
 * @param path its folder, or a checkpoint in it
 * @param weights which checkpoint; default: the best, of a run without an evaluation the last
 * @param overrides what is to be other than in training
 * @throws UsageError when it is no run; LossnetError when its weights are damaged or do not fit
 */
function openOne(
  path: string,
  weights: Weights | undefined,
  overrides: readonly string[],
): Omit<Subject, 'name'> {
  const trained = openTrained(path, weights);
  if (trained.found.kind === 'export') throw exportedModel(path);
  const { folder } = trained.found;
  const { resolved, preprocessing } = trained;
  const own = overrides.length === 0 ? resolved : resolved.with(overrides);
  const isOther = namesOtherData(resolved.yaml, own.yaml, overrides, false);
  const plan = planRun(own, false, preprocessing.spec);
  const { tensors } = decodeSafetensors(readWeightsFile(trained.weights), trained.weights);
  checkStateDict(plan.model.state, tensors, trained.weights);
  const floats = plan.model.state.filter(({ dtype }) => dtype === 'float32');
  return {
    path,
    record: readRun(folder.path),
    trained,
    plan,
    state: new Map(floats.map(({ name }) => [name, Float32Array.from(tensors.get(name)!.values)])),
    weightsSha256: shaOf(trained.weights),
    isOther,
  };
}

/** The same for several, each with a name of its own. */
export function openSubjects(
  paths: readonly string[],
  weights: Weights | undefined,
  overrides: readonly string[],
): Subject[] {
  const subjects = paths.map((path) => openOne(path, weights, overrides));
  const names = namesOf(subjects.map(({ record }) => record));
  return subjects.map((subject, i) => ({ ...subject, name: names[i]! }));
}

/** SHA-256 of a file. */
export const shaOf = (file: string): string => createHash('sha256').update(readBytes(file)).digest('hex');

/**
 * Refuses runs that have no common plane: their weights must be those of the same layers, and their loss the same, on the same samples.
 *
 * @param subjects one or more
 * @param part the samples that their loss is measured on
 * @throws UsageError that names the first two that differ, and in what
 */
export function refuseUnlike([first, ...others]: readonly Subject[], part: 'val' | 'test' | 'train'): void {
  for (const other of others) {
    const [a, b] = [first!, other];
    const what = unlike(a, b, part === 'val' ? 'eval' : part);
    if (what === null) continue;
    throw new UsageError(
      'LOSSNET_USAGE',
      `${a.path} and ${b.path} have no common landscape: ${what}.`,
      'Name runs of the same model, loss and data; or look at each by itself.',
    );
  }
}

function unlike(a: Subject, b: Subject, part: 'eval' | 'test' | 'train'): string | null {
  const [mine, theirs] = [layersOf(a.plan.resolved.yaml), layersOf(b.plan.resolved.yaml)];
  const at = Array.from({ length: Math.max(mine.length, theirs.length) }, (_, i) => i).find(
    (i) => mine[i] !== theirs[i],
  );
  if (at !== undefined) {
    return `layer ${at} is ${mine[at] ?? 'not there'} in the one and ${theirs[at] ?? 'not there'} in the other`;
  }
  const [input, others] = [a, b].map(({ plan }) => JSON.stringify(plan.spec.input));
  if (input !== others) return `their inputs are ${input} and ${others}`;
  const [loss, otherLoss] = [a, b].map(({ plan }) => JSON.stringify(plan.resolved.yaml.loss));
  if (loss !== otherLoss) return `their losses are ${loss} and ${otherLoss}`;
  const [data, otherData] = [a, b].map(({ record }) => identityOf(record, part)?.sha256);
  return data === otherData ? null : `their ${part} samples are others`;
}

/** What a layer computes, a line each: its first values, and how much of it dropout leaves out in training, do not count. */
function layersOf({ model }: ConfigYaml): string[] {
  return model.map((layer) =>
    JSON.stringify(layer, (key, value) => (key === 'init' || key === 'p' ? undefined : value)),
  );
}
