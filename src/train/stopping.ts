import { isBetter, type Monitor } from './task/index.js';

/** Ends a run whose figure has ceased to become better. */
export interface EarlyStopping {
  /** After so many evaluations in a row that were no better. */
  readonly patience: number;
  /** By how much a figure must be better to count as better. */
  readonly minDelta: number;
  /** The figure. */
  readonly monitor: Monitor;
  /** Whether the last weights are to be those of the best epoch in the end. */
  readonly restoreBest: boolean;
}

/** When a run is over. */
export interface StoppingOptions {
  readonly epochs: number;
  /** null: not before the last epoch. */
  readonly earlyStopping: EarlyStopping | null;
  /** Seconds of training and evaluation, over all resumes; null: any number. */
  readonly maxTime: number | null;
}

/** What ended a run before its last epoch. */
export type Stopped = 'early_stopping' | 'max_time';

/** What decides whether a run is over. */
export interface Course {
  readonly epoch: number;
  /** The figure that early stopping watches, after each evaluation so far; empty when none does. */
  readonly watched: readonly number[];
  /** Seconds of training and evaluation so far; 0 where nothing limits them. */
  readonly seconds: number;
}

/**
 * How long nothing has become better. A function of the figures alone, so that a resumed run waits as long.
 *
 *     better:  figure < best - min_delta (of accuracies and the like: figure > best + min_delta); then best = figure
 *     waited:  evaluations since the last one that was better
 *
 * @param watched the figure after each evaluation, in order; one that is not finite is no better
 * @param options minDelta; monitor: says which of two is better
 * @returns the number of evaluations
 * @source keras.callbacks.EarlyStopping
 */
export function waitedFor(
  watched: readonly number[],
  { minDelta, monitor }: Pick<EarlyStopping, 'minDelta' | 'monitor'>,
): number {
  const up = isBetter(monitor, 1, 0) ? 1 : -1;
  let [best, waited] = [Number.NaN, 0];
  for (const value of watched) {
    const isFirst = Number.isNaN(best) && Number.isFinite(value);
    if (isFirst || (Number.isFinite(value) && isBetter(monitor, value, best + up * minDelta))) {
      [best, waited] = [value, 0];
    } else waited += 1;
  }
  return waited;
}

/**
 * @param course how far a run has come
 * @param options when it is over
 * @returns `epochs` when all are done, what else has ended it, or null: it goes on
 */
export function overBy(course: Course, options: StoppingOptions): 'epochs' | Stopped | null {
  const { epochs, earlyStopping, maxTime } = options;
  if (course.epoch >= epochs) return 'epochs';
  if (earlyStopping !== null && waitedFor(course.watched, earlyStopping) >= earlyStopping.patience) {
    return 'early_stopping';
  }
  return maxTime !== null && course.seconds >= maxTime ? 'max_time' : null;
}
