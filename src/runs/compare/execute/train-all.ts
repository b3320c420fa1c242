import { availableCores } from '../../../base/cores.js';
import { LossnetError } from '../../../base/errors.js';
import { exists } from '../../../base/read.js';
import { divergenceLines } from '../../diagnosis-text.js';
import { type Notice, noticeLines } from '../../notices.js';
import type { RunFolder } from '../../store/folder.js';
import { untilReleased } from '../../store/lock.js';
import { readRun } from '../../store/read.js';
import { isStopped, type Surroundings, tell } from '../../surroundings.js';
import type { CompareEvent } from '../events.js';
import { type ComparisonFolder, PATIENCE_MILLISECONDS } from '../folder.js';
import type { PlannedRun } from '../plan/variants.js';
import { statusOfRun } from '../ranking/results.js';
import type { Outcome, Until } from './protocol.js';
import { canShareCores, inOrder, runAll } from './schedule.js';
import type { Workers } from './workers.js';

export interface TrainingOptions {
  readonly folder: ComparisonFolder;
  readonly workers: Workers;
  readonly jobs: number | undefined;
  readonly onEvent: (event: CompareEvent) => void;
  /** The lines that were said already, which are not said again; those that are said now come to them. */
  readonly said: Set<string>;
  /** After which epoch all are held. Default: they are trained to their ends. */
  readonly until?: Until;
}

/** The runs that are not over yet, by what they have left on the disk. */
export function unfinished(runs: readonly PlannedRun[], folder: ComparisonFolder): PlannedRun[] {
  return runs.filter(({ name }) => isUnfinished(folder.run(name)));
}

/**
 * A run whose records are damaged is as good as unfinished: continuing it mends them.
 *
 * @param folder of the run
 * @param until the epoch that it was to come to; null: its end
 * @returns whether there is something left to train
 */
export function isUnfinished({ path, config }: RunFolder, until: Until = null): boolean {
  try {
    if (!exists(config)) return true;
    const record = readRun(path);
    return statusOfRun(record) === 'unfinished' && (until === null || record.epochs.length < until);
  } catch (error) {
    if (error instanceof LossnetError) return true;
    throw error;
  }
}

/**
 * Trains runs in processes of their own, several at a time, from where each was left.
 *
 * @param runs what is not finished
 * @param options where and how
 * @param surroundings told what is said before the first steps; its signal ends all, saved
 * @returns how each that was begun ended
 */
export async function trainAll(
  runs: readonly PlannedRun[],
  { folder, workers, jobs, onEvent, said, until = null }: TrainingOptions,
  surroundings: Surroundings,
): Promise<Map<string, Outcome>> {
  const { signal } = surroundings;
  const outcomes = new Map<string, Outcome>();
  const stopAll = (): void => workers.stop();
  signal?.addEventListener('abort', stopAll, { once: true });
  const end = (run: string, outcome: Outcome): void => {
    outcomes.set(run, outcome);
    onEvent({ type: 'run_end', run, outcome });
  };

  const train = async ({ name, yaml, plan }: PlannedRun): Promise<void> => {
    const { path, config } = folder.run(name);
    onEvent({ type: 'run_begin', run: name });
    // Of a comparison that was killed, runs go on until they notice.
    await untilReleased(path, {
      milliseconds: PATIENCE_MILLISECONDS,
      ...(signal && { signal }),
      onWait: (pid) => {
        const text = `${name}: waiting for process ${pid}, which has begun it, to save and end`;
        tell(surroundings, { type: 'message', text });
      },
    });
    if (isStopped(surroundings)) return;
    let hasBegun = false;
    // What is said before the first step, of downloads, stand-ins and lost records; the same of several runs once.
    let last = '';
    const say = (notice: Notice): void => {
      const lines = noticeLines(notice);
      // What takes long tells more often than there is another line.
      if (lines.join('\n') === last) return;
      last = lines.join('\n');
      for (const line of lines) folder.appendLog(name, line);
      if (hasBegun || isStopped(surroundings) || lines.every((line) => said.has(line))) return;
      for (const line of lines) said.add(line);
      tell(surroundings, notice);
    };
    const request = exists(config)
      ? ({ type: 'resume', folder: path, until } as const)
      : ({
          type: 'train',
          config: { ...yaml, name, runs_dir: folder.path },
          file: plan.resolved.file,
          until,
        } as const);
    // The run would make the folder again.
    folder.checkOwn();
    const outcome = await workers.run(request, {
      event(event) {
        hasBegun ||= event.type !== 'start';
        if (event.type === 'diverged') {
          const lines = divergenceLines(event, plan.config);
          folder.appendLog(name, `diverged: ${lines.join('\n  ')}`);
        }
        onEvent({ type: 'run_event', run: name, event });
      },
      notice: say,
      line: (text) => say({ type: 'message', text }),
    });
    if (outcome.status === 'failed') folder.appendLog(name, outcome.reason);
    end(name, outcome);
  };
  // One that cannot even be started must not take the others down.
  const trainOrFail = async (run: PlannedRun): Promise<void> => {
    try {
      await train(run);
    } catch (error) {
      if (!(error instanceof LossnetError)) throw error;
      end(run.name, { status: 'failed', reason: error.message });
    }
  };
  try {
    const never = new AbortController().signal;
    const cores = availableCores();
    await runAll(inOrder(runs), trainOrFail, {
      cores,
      jobs,
      // A comparison that was begun by another version may have fewer threads for each run.
      sharesCores: workers.threads.inter_op >= cores && canShareCores(runs, cores),
      signal: signal ?? never,
    });
  } finally {
    signal?.removeEventListener('abort', stopAll);
  }
  return outcomes;
}
