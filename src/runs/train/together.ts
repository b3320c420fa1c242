import { initialize, type Plan, type Run } from '../../config/index.js';
import { agree } from '../../train/parallel/agreement.js';
import type { Group } from '../../train/parallel/group.js';
import { RankError } from '../../train/parallel/group.js';
import { Ranks } from '../../train/parallel/ranks.js';
import { newProgress, type Progress } from '../../train/progress.js';
import { agreeOn, meet, refuse } from '../parallel/meet.js';
import type { Place } from '../parallel/place.js';
import { resumeCommand } from '../parallel/way-on.js';
import type { FolderMode, RunFolder } from '../store/folder.js';
import { type Surroundings, tell } from '../surroundings.js';
import { type Data, startForSteps } from './prepare.js';
import { checkEpochs } from './resume.js';

/** Who cannot begin waits no longer than this to tell the others. */
const TELLING_SECONDS = 30;

/** What several processes are to train, and where this one stands. */
export interface SharedJob {
  readonly place: Place;
  readonly plan: Plan;
  readonly folder: RunFolder;
  readonly mode: FolderMode;
}

/**
 * Joins the other processes once all is ready, and lets none begin unless all can and would train the same.
 *
 * @param job what is trained
 * @param make makes all ready; null: it was told to stop
 * @param surroundings told what is waited for; its signal ends the waiting
 * @returns what was made, and the group; null when it was told to stop
 * @throws RankError when another rank cannot begin; what `make` throws, once the others have been told
 */
export async function assemble(
  job: SharedJob,
  make: () => Promise<Data | null>,
  surroundings: Surroundings,
): Promise<{ readonly data: Data; readonly group: Group } | null> {
  const { place, plan, folder, mode } = job;
  let data: Data | null;
  try {
    data = await make();
  } catch (error) {
    if (place.size > 1) await tellOthers(job, error, surroundings);
    throw error;
  }
  if (data === null) return null;
  try {
    const group = await meet(place, plan, surroundings);
    const identities = [data.train, data.eval, data.test].flatMap((set) => (set ? [set.identity] : []));
    await agreeOn(group, plan, { data: identities, resumed: mode === 'resume' ? folder.checkpoints : null });
    return { data, group };
  } catch (error) {
    if (surroundings.signal?.aborted) return null;
    throw error;
  }
}

async function tellOthers({ place, plan }: SharedJob, error: unknown, around: Surroundings): Promise<void> {
  const parallel = plan.config.parallel!;
  const joinTimeout = Math.min(parallel.joinTimeout, TELLING_SECONDS);
  const hasty = { ...plan, config: { ...plan.config, parallel: { ...parallel, joinTimeout } } };
  tell(around, { type: 'message', text: 'this rank cannot begin: telling the others' });
  try {
    await startForSteps(plan, around, place.parts);
    await agreeOn(await meet(place, hasty, around), plan, { error });
  } catch {
    // They could not be told, and find out by themselves when their time is up: what matters here is why.
  }
}

/**
 * Begins on all ranks, or on none: what one cannot do, such as having a folder that another run has just taken, all are told.
 *
 * @param group the processes; null: one alone
 * @param begin puts model and folder where the run begins
 * @returns what that gives
 * @throws RankError when another rank could not begin; what `begin` throws, once the others have been told
 */
export async function beginTogether(group: Group | null, begin: () => Progress): Promise<Progress> {
  if (group === null) return begin();
  let progress: Progress;
  try {
    progress = begin();
  } catch (error) {
    await refuse(group, error);
    throw error;
  }
  await agree(group, { facts: {}, refusal: null });
  return progress;
}

/** @returns the part of a process in the steps of all; of one alone, too */
export function ranksOf(
  { place, plan }: SharedJob,
  group: Group,
  { parts, model }: Run,
  signal: AbortSignal,
): Ranks {
  const inOrder = plan.config.parallel!.parts !== null;
  const { program, optimizer } = parts;
  return new Ranks(group, place, inOrder, { program, optimizer, model }, signal);
}

/**
 * Where a rank that writes nothing begins: as rank 0 does.
 *
 * @returns where the run stands
 * @throws UsageError when it is further already than it is to come; LossnetError when its checkpoint is damaged
 */
export function beginAlong({ plan, folder, mode, place }: SharedJob, { parts }: Run): Progress {
  const saved = mode === 'resume' ? (parts.checkpoints?.load() ?? null) : null;
  if (saved === null) initialize(plan);
  else checkEpochs(saved, plan, folder, place);
  return saved ?? newProgress(parts.program.task);
}

/**
 * @param error anything that ended a run
 * @param run as far as there is one
 * @param folder where it was saved
 * @param job what is trained, and where this process stands among several; null: it trains alone
 * @returns the same; for a lost rank with what is saved and how to go on
 */
export function withWayOn(
  error: unknown,
  run: Run | undefined,
  folder: RunFolder,
  { plan, place }: Pick<SharedJob, 'plan'> & { readonly place: Place | null },
): unknown {
  const saved = run?.parts.checkpoints?.saved ?? [];
  if (!(error instanceof RankError) || saved.length === 0) return error;
  const wayOn = place?.isLaunched
    ? `To go on: ${resumeCommand(folder.path, plan.config.parallel, place)}`
    : 'To go on, start all ranks again with --resume.';
  const remedy = `The run is saved in ${folder.path}. ${wayOn}`;
  return new RankError(error.code, error.message, [error.remedy, remedy].filter(Boolean).join('\n'), {
    cause: error,
  });
}
