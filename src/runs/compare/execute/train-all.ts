import { availableParallelism } from 'node:os';
import { LossnetError } from '../../../base/errors.js';
import { exists } from '../../../base/read.js';
import type { Live } from '../../../cli/compare/live.js';
import type { StopRequest } from '../../../cli/signals.js';
import type { RunFolder } from '../../store/folder.js';
import { untilReleased } from '../../store/lock.js';
import { readRun } from '../../store/read.js';
import { type ComparisonFolder, PATIENCE_MILLISECONDS } from '../folder.js';
import { statusOfRun } from '../judge/results.js';
import type { PlannedRun } from '../plan/variants.js';
import { inOrder, runAll } from './schedule.js';
import type { Outcome } from './worker-process.js';
import type { Workers } from './workers.js';

export interface TrainingOptions {
  readonly folder: ComparisonFolder;
  readonly workers: Workers;
  readonly jobs: number | undefined;
  readonly live: Live;
  readonly stop: StopRequest;
  /** Lines about configurations that have been shown already, as workers write them. */
  readonly said: readonly string[];
}

/** The runs that are not over yet, by what they have left on the disk. */
export function unfinished(runs: readonly PlannedRun[], folder: ComparisonFolder): PlannedRun[] {
  return runs.filter(({ name }) => isUnfinished(folder.run(name)));
}

/** A run whose records are damaged is as good as unfinished: continuing it mends them. */
function isUnfinished({ path, config }: RunFolder): boolean {
  try {
    return !exists(config) || statusOfRun(readRun(path)) === 'unfinished';
  } catch (error) {
    if (error instanceof LossnetError) return true;
    throw error;
  }
}

/**
 * Trains runs in processes of their own, several at a time, from where each was left.
 *
 * @param runs what is not finished
 * @param options where, how, and what stops it
 * @returns how each that was begun ended
 */
export async function trainAll(
  runs: readonly PlannedRun[],
  { folder, workers, jobs, live, stop, said: before }: TrainingOptions,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const said = new Set(before);
  const stopAll = (): void => workers.stop();
  stop.signal.addEventListener('abort', stopAll, { once: true });

  const train = async (run: PlannedRun): Promise<void> => {
    const { path, config } = folder.run(run.name);
    live.begin(run.name);
    // Of a comparison that was killed, runs go on until they notice.
    await untilReleased(path, {
      milliseconds: PATIENCE_MILLISECONDS,
      signal: stop.signal,
      onWait: (pid) =>
        live.note(`${run.name}: waiting for process ${pid}, which has begun it, to save and end`),
    });
    if (stop.signal.aborted) return;
    const args = exists(config) ? [path, '--resume'] : [folder.keepConfig(run)];
    let hasBegun = false;
    const outcome = await workers.take().run(['train', ...args, '--json'], {
      event(event) {
        hasBegun ||= event.type !== 'start';
        live.event(run.name, event);
      },
      message(line) {
        folder.appendLog(run.name, line);
        // What is said before the first step, of downloads, stand-ins and lost records; the same of several runs once.
        if (hasBegun || said.has(line) || stop.signal.aborted) return;
        said.add(line);
        live.note(line);
      },
    });
    outcomes.set(run.name, outcome);
    live.end(run.name, outcome);
  };
  // One that cannot even be started must not take the others down.
  const trainOrFail = async (run: PlannedRun): Promise<void> => {
    try {
      await train(run);
    } catch (error) {
      if (!(error instanceof LossnetError)) throw error;
      const outcome: Outcome = { status: 'failed', reason: error.message };
      outcomes.set(run.name, outcome);
      live.end(run.name, outcome);
    }
  };
  try {
    await runAll(inOrder(runs), trainOrFail, { cores: availableParallelism(), jobs, signal: stop.signal });
  } finally {
    stop.signal.removeEventListener('abort', stopAll);
  }
  return outcomes;
}
