import type { Progress } from './checkpoint.js';
import { monitored } from './epoch-figures.js';
import type { EvaluationResult } from './evaluate.js';
import type { EpochFigures } from './events.js';
import { emptyTally, meanLoss } from './metrics.js';
import type { StoppingOptions } from './stopping.js';
import { isBetter, type Monitor, metricsOf, type Task } from './task/index.js';

/**
 * Moves on to the next epoch, and remembers what the run needs of this one: whether it is the best, what the schedule and early
 * stopping follow, its part of the curve.
 *
 * @param progress of the run, at the end of an epoch; moved on
 * @param evaluated what the epoch's evaluation gave; null: there was none
 * @param task what makes metrics of sums
 * @param options the figures that are followed
 * @returns the figures of the epoch
 */
export function closeEpoch(
  progress: Progress,
  evaluated: EvaluationResult | null,
  task: Task,
  {
    monitor,
    scheduleMonitor,
    earlyStopping,
  }: { readonly monitor: Monitor; readonly scheduleMonitor: Monitor | null } & Pick<
    StoppingOptions,
    'earlyStopping'
  >,
): EpochFigures {
  const epoch = progress.epoch + 1;
  const known = {
    epoch,
    step: progress.step,
    runningLoss: progress.tally.runningLoss,
    trainLoss: meanLoss(progress.tally),
    train: metricsOf(task, progress.tally.sums),
    lr: progress.lr,
    ...(progress.groupLrs && { groupLrs: progress.groupLrs }),
    evalLoss: evaluated?.loss ?? null,
    eval: evaluated?.metrics ?? null,
  };
  const value = monitored(monitor, known);
  // A figure that is too large to be a number is none to remember.
  const best =
    value !== null &&
    Number.isFinite(value) &&
    (progress.best === null || isBetter(monitor, value, progress.best.value));
  if (best) progress.best = { epoch, value };
  const followed = scheduleMonitor === null ? null : monitored(scheduleMonitor, known);
  if (followed !== null && Number.isFinite(followed)) progress.history.push(followed);
  if (earlyStopping !== null && evaluated !== null) {
    progress.watched.push(monitored(earlyStopping.monitor, known) ?? Number.NaN);
  }
  progress.curve.epochs.push({ trainLoss: known.trainLoss, evalLoss: known.evalLoss });
  const figures: EpochFigures = { ...known, best };
  Object.assign(progress, { epoch, batch: 0, tally: emptyTally(task), last: figures });
  return figures;
}
