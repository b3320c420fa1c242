import {
  count,
  flag,
  type Guard,
  list,
  nullable,
  number,
  object,
  orElse,
  WrongValue,
} from '../base/guards.js';
import type { EpochFigures } from './events.js';
import { emptyCurve, type LossCurve, readCurve } from './loss-curve.js';
import type { Tally } from './metrics.js';

/**
 * Where a run stands. Together with the parameters, the optimizer's state, the configuration and the data it
 * determines everything that follows: random streams are functions of the seed and the position.
 */
export interface Progress {
  /** The epoch under way, counted from 0; equal to the number of epochs when all are done. */
  epoch: number;
  /** The next batch in it. */
  batch: number;
  /** Optimizer steps made. */
  step: number;
  /** Learning rate of the last step made. */
  lr: number;
  /** Sums over the batches of this epoch so far. */
  tally: Tally;
  /** The figures of the last whole epoch. */
  last: EpochFigures | null;
  /** The best epoch so far by the monitored figure. */
  best: { epoch: number; value: number } | null;
  /** The figure that the schedule monitors, after each evaluation or epoch so far; empty when it monitors none. */
  history: number[];
  /** How the loss went so far. */
  curve: LossCurve;
}

const tally = object<Tally>({
  runningLoss: number,
  totalLoss: number,
  divisor: number,
  correct: count,
  counted: count,
  images: count,
});

/** Of before sums and divisors were kept apart: means weighted with the images of their batches. */
const oldTally = object({ runningLoss: number, weightedLoss: number, correct: count, images: count });

const readTally: Guard<Tally> = (value, path) => {
  if (typeof value !== 'object' || value === null || !('weightedLoss' in value)) return tally(value, path);
  const { weightedLoss, images, ...rest } = oldTally(value, path);
  return { ...rest, totalLoss: weightedLoss, divisor: images, counted: images, images };
};

/** What is added to one of these is to be `orElse` something: checkpoints of older versions do not have it. */
const fields: Guard<Progress> = object<Progress>({
  epoch: count,
  batch: count,
  step: count,
  lr: number,
  tally: readTally,
  last: nullable(
    object<EpochFigures>({
      epoch: count,
      step: count,
      runningLoss: number,
      trainLoss: number,
      trainAccuracy: number,
      lr: number,
      evalLoss: nullable(number),
      evalAccuracy: nullable(number),
      best: flag,
    }),
  ),
  best: nullable(object({ epoch: count, value: number })),
  history: list(number),
  curve: orElse(readCurve, emptyCurve),
});

/** Reads the progress that a checkpoint holds, trusting nothing: a wrong number here would train on quietly. */
export const readProgress: Guard<Progress> = (value, path) => {
  const progress = fields(value, path);
  const { epoch, step, last, best } = progress;
  const isOfEpoch = last === null ? epoch === 0 : last.epoch === epoch && last.step <= step;
  if (!isOfEpoch) throw new WrongValue(`${path}.last is not of epoch ${epoch}, the last whole one`);
  if (best !== null && best.epoch > epoch)
    throw new WrongValue(`${path}.best.epoch is ${best.epoch}, and ${epoch} is the last whole one`);
  return progress;
};
