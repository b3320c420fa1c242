import { threadsIn } from '../../../train/backend/environment.js';
import { hasLaneForEach, stepWork } from '../../../train/engine/threads.js';
import { workPerSample } from '../../../train/model/work.js';
import type { RunThreads } from '../../store/comparison.js';
import type { PlannedRun } from '../plan/variants.js';

/**
 * Whether each of some runs keeps all cores busy when it is alone: its batches are computed in a part for each.
 *
 * @param runs all of them
 * @param cores of the machine
 */
export function canShareCores(runs: readonly PlannedRun[], cores: number): boolean {
  return runs.every(({ plan: { config, model } }) => {
    const samples = config.loader.batchSize;
    const { flops, hasParts } = stepWork(model, samples, config.engine);
    return hasParts && hasLaneForEach(cores, { flops, samples });
  });
}

/**
 * Threads for each of the runs that share the machine. The tutorial's CNN at batch 64 on two cores: of two at a time, with one
 * thread or with two each for the parts of their batches, and of one alone, the machine trains as many samples a second, within
 * 3 %. So runs whose batches have parts get threads for all cores: while others are under way that changes nothing, and the last
 * ones keep all cores busy.
 *
 * @param runs all runs
 * @param cores of the machine
 * @param jobs runs at a time; undefined: as `slots` says
 * @param env TF_NUM_INTRAOP_THREADS and TF_NUM_INTEROP_THREADS in it come first, as in `lossnet train`
 * @returns threads within an operation, and operations side by side
 */
export function threadsFor(
  runs: readonly PlannedRun[],
  {
    cores,
    jobs,
    env,
  }: { readonly cores: number; readonly jobs: number | undefined; readonly env: NodeJS.ProcessEnv },
): RunThreads {
  const share = Math.max(1, Math.floor(cores / Math.min(runs.length, jobs ?? cores)));
  const haveParts = runs.every(({ plan: { config, model } }) => {
    return stepWork(model, config.loader.batchSize, config.engine).hasParts;
  });
  const together = canShareCores(runs, cores) ? cores : share;
  return {
    intra_op: threadsIn(env, 'TF_NUM_INTRAOP_THREADS') ?? (haveParts ? 1 : share),
    inter_op: threadsIn(env, 'TF_NUM_INTEROP_THREADS') ?? together,
  };
}

/**
 * How many runs may be under way. One per core keeps all cores busy until the last ones. Where a run cannot use several cores by
 * itself, some would idle then: when less than two per core are left, all go at once, share the cores, and end together.
 *
 * @param left runs that are not done, those under way included
 * @param cores of the machine
 * @param how jobs: what `--jobs` says; sharesCores: whether one alone keeps all cores busy
 * @returns the number
 */
export function slots(
  left: number,
  cores: number,
  { jobs, sharesCores }: { readonly jobs: number | undefined; readonly sharesCores: boolean },
): number {
  if (jobs !== undefined) return jobs;
  return left < 2 * cores && !sharesCores ? left : cores;
}

/** The longest runs first, so that none begins when the others are nearly done; else seed by seed. */
export function inOrder(runs: readonly PlannedRun[]): PlannedRun[] {
  return [...runs].sort((a, b) => work(b) - work(a) || a.seed - b.seed);
}

/** Floating point operations of a run; the samples of a data set that is not loaded yet are the same for all. */
function work({ plan: { config, model } }: PlannedRun): number {
  const size = config.dataset.type === 'shapes' ? config.dataset.trainSize : Number.POSITIVE_INFINITY;
  const samples = Math.min(size, config.loader.limit ?? 50_000);
  return workPerSample(model.layers) * samples * config.epochs;
}

/**
 * Runs everything, as many at a time as there are slots.
 *
 * @param items what there is to run, in order
 * @param start runs one of them until its end
 * @param options how many at a time; no more are begun once `signal` is aborted
 */
export async function runAll<T>(
  items: readonly T[],
  start: (item: T) => Promise<void>,
  {
    cores,
    jobs,
    sharesCores,
    signal,
  }: {
    readonly cores: number;
    readonly jobs: number | undefined;
    readonly sharesCores: boolean;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const waiting = [...items];
  const running = new Set<Promise<void>>();
  while (waiting.length + running.size > 0) {
    while (
      !signal.aborted &&
      waiting.length > 0 &&
      running.size < slots(waiting.length + running.size, cores, { jobs, sharesCores })
    ) {
      const run: Promise<void> = start(waiting.shift()!).finally(() => running.delete(run));
      running.add(run);
    }
    if (running.size === 0) return;
    await Promise.race(running);
  }
}
