import { availableCores } from '../../../base/cores.js';
import { noticeLines } from '../../notices.js';
import { isStopped, type Surroundings, tell } from '../../surroundings.js';
import type { RunTime } from '../../train/short-trial.js';
import type { PlannedRun } from '../plan/variants.js';
import { canShareCores } from './schedule.js';
import type { Workers } from './workers.js';

/** What runs cost, several at a time on this machine. */
export interface Costs {
  /** Of an epoch, and of the start of a run, with the cores shared out. */
  readonly epochSeconds: number;
  readonly startSeconds: number;
}

export interface TimingOptions {
  readonly workers: Workers;
  /** How many runs are trained at a time; undefined: one for each core. */
  readonly jobs: number | undefined;
  /** What was said already; what is said now comes to it. */
  readonly said: Set<string>;
}

/**
 * Finds out by a short trial how long runs take. All workers make one at the same time first: they start, load the data and compile a
 * graph, as they would have to anyway. Then one does so again, alone.
 *
 * @param runs what is to be trained
 * @param options by which workers
 * @param surroundings told what is said before the first steps; its signal ends it
 * @returns the costs; null when it was told to stop, or a run could not begin, which says why when it is trained
 */
export async function timeRuns(
  runs: readonly PlannedRun[],
  { workers, jobs, said }: TimingOptions,
  surroundings: Surroundings,
): Promise<Costs | null> {
  const cores = availableCores();
  const atOnce = Math.min(jobs ?? cores, runs.length);
  // Neighbours mostly have the same graph: some from all over.
  const some = Array.from({ length: atOnce }, (_, i) => runs[Math.floor((i * runs.length) / atOnce)]!);
  const stop = (): void => workers.stop();
  surroundings.signal?.addEventListener('abort', stop, { once: true });
  try {
    const first = await Promise.all(some.map((run) => timeRun(run, { workers, said }, surroundings)));
    if (first.includes(null) || isStopped(surroundings)) return null;
    const time = await timeRun(some[0]!, { workers, said }, surroundings);
    if (time === null) return null;
    // One alone has used all cores where it can; else as many others run beside it.
    const beside = canShareCores(runs, cores) ? 1 : Math.min(atOnce, cores);
    return {
      epochSeconds: time.epochSeconds / beside,
      startSeconds: time.startSeconds / Math.min(atOnce, cores),
    };
  } finally {
    surroundings.signal?.removeEventListener('abort', stop);
  }
}

async function timeRun(
  { yaml, plan }: PlannedRun,
  { workers, said }: Pick<TimingOptions, 'workers' | 'said'>,
  surroundings: Surroundings,
): Promise<RunTime | null> {
  let time: RunTime | null = null;
  const request = { type: 'time', config: yaml, file: plan.resolved.file } as const;
  const outcome = await workers.run(request, {
    event: () => {},
    timed: (result) => {
      time = result;
    },
    notice(notice) {
      const lines = noticeLines(notice);
      if (isStopped(surroundings) || lines.every((line) => said.has(line))) return;
      for (const line of lines) said.add(line);
      tell(surroundings, notice);
    },
    line: () => {},
  });
  return outcome.status === 'done' ? time : null;
}
