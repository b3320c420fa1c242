import { threadsIn } from '../../../train/backend/environment.js';
import { stepWork } from '../../../train/engine/threads.js';
import { workPerSample } from '../../../train/model/work.js';
import type { RunThreads } from '../../store/comparison.js';
import type { PlannedRun } from '../plan/variants.js';

/**
 * Threads for each of the runs that share the machine. The tutorial's CNN at batch 64 on two cores, 5,000 images and an
 * evaluation: a run alone, its batches in parts on both cores, takes 1.43 s for an epoch; of two at a time with a thread each
 * an epoch takes 1.30 s of the machine, of three at a time 1.27 s. A second thread for each changes neither. So runs side by side
 * gain a tenth where one keeps all cores busy by itself, and more where it cannot: while it starts, and with small steps.
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
  return {
    intra_op: threadsIn(env, 'TF_NUM_INTRAOP_THREADS') ?? (haveParts ? 1 : share),
    inter_op: threadsIn(env, 'TF_NUM_INTEROP_THREADS') ?? share,
  };
}

/**
 * How many runs may be under way. One per core keeps all cores busy until the last ones, when some would idle: when less
 * than two per core are left, all go at once, share the cores, and end together.
 *
 * @param left runs that are not done, those under way included
 * @param cores of the machine
 * @param jobs what `--jobs` says
 * @returns the number
 */
export function slots(left: number, cores: number, jobs: number | undefined): number {
  if (jobs !== undefined) return jobs;
  return left < 2 * cores ? left : cores;
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
    signal,
  }: { readonly cores: number; readonly jobs: number | undefined; readonly signal: AbortSignal },
): Promise<void> {
  const waiting = [...items];
  const running = new Set<Promise<void>>();
  while (waiting.length + running.size > 0) {
    while (
      !signal.aborted &&
      waiting.length > 0 &&
      running.size < slots(waiting.length + running.size, cores, jobs)
    ) {
      const run: Promise<void> = start(waiting.shift()!).finally(() => running.delete(run));
      running.add(run);
    }
    if (running.size === 0) return;
    await Promise.race(running);
  }
}
