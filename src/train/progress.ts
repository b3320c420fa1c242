import {
  count,
  type Guard,
  list,
  nullable,
  number,
  numberOrNaN,
  object,
  orElse,
  WrongValue,
} from '../base/guards.js';
import { figuresGuard, flatFigures } from './epoch-figures.js';
import type { EpochFigures } from './events.js';
import { emptyCurve, type LossCurve, readCurve } from './loss-curve.js';
import { emptyTally, type Tally } from './metrics.js';
import type { Task } from './task/index.js';

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
  /** Those of the optimizer's groups; undefined: there are none. */
  groupLrs?: readonly number[] | undefined;
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
  /** The figure that early stopping watches, after each evaluation so far; empty when none does. */
  watched: number[];
  /** Seconds of training and evaluation so far; 0 where nothing limits them, so that they are no part of a checkpoint's bytes. */
  seconds: number;
}

/** Where a new run begins. @param task what it is to say */
export function newProgress(task: Task): Progress {
  const position = { epoch: 0, batch: 0, step: 0, lr: 0 };
  return {
    ...position,
    tally: emptyTally(task),
    last: null,
    best: null,
    history: [],
    curve: emptyCurve(),
    watched: [],
    seconds: 0,
  };
}

/**
 * @param progress where a run stands
 * @returns what a checkpoint holds of it: sums and metrics under names of their own. The number of samples keeps the name
 * that it has had since all of them were images
 */
export function progressRecord({ tally, last, watched, seconds, ...rest }: Progress): object {
  const { epoch, batch, step, lr, groupLrs, ...others } = rest;
  const { runningLoss, totalLoss, divisor, sums, samples } = tally;
  return {
    ...{ epoch, batch, step, lr, groupLrs },
    tally: { runningLoss, totalLoss, divisor, ...sums, images: samples },
    last: last && flatFigures(last),
    ...others,
    ...(watched.length > 0 && { watched }),
    ...(seconds > 0 && { seconds }),
  };
}

/** Of before sums and divisors were kept apart: means weighted with the samples of their batches, which all counted. */
const oldTally = object({ runningLoss: number, weightedLoss: number, images: count });

const tallyGuard = ({ sums, measured }: Task): Guard<Tally> => {
  /** @param missing stands for what follows from targets alone */
  const named = (missing?: number) => {
    const guards = Object.entries(sums).map(([name, kind]) => {
      const guard = kind === 'count' ? count : numberOrNaN;
      const isNeeded = missing === undefined || measured.includes(name);
      return [name, isNeeded ? guard : orElse(guard, () => missing)] as const;
    });
    return object<Record<string, number>>(Object.fromEntries(guards));
  };
  const fields = object({ runningLoss: number, totalLoss: number, divisor: number, images: count });
  return (value, path) => {
    if (typeof value !== 'object' || value === null || !('weightedLoss' in value)) {
      const { images, ...means } = fields(value, path);
      return { ...means, sums: named()(value, path), samples: images };
    }
    const { weightedLoss, images, runningLoss } = oldTally(value, path);
    const means = { runningLoss, totalLoss: weightedLoss, divisor: images };
    return { ...means, sums: named(images)(value, path), samples: images };
  };
};

/**
 * Reads the progress that a checkpoint holds, trusting nothing: a wrong number here would train on quietly.
 *
 * @param task whose sums and metrics it has
 * @returns the guard
 */
export function progressGuard(task: Task): Guard<Progress> {
  // What is added to these is to be `orElse` something: checkpoints of older versions do not have it.
  const fields = object<Progress>({
    epoch: count,
    batch: count,
    step: count,
    lr: number,
    groupLrs: orElse<readonly number[] | undefined>(list(number), () => undefined),
    tally: tallyGuard(task),
    last: nullable(figuresGuard(task)),
    best: nullable(object({ epoch: count, value: number })),
    history: list(number),
    curve: orElse(readCurve, emptyCurve),
    watched: orElse(list(numberOrNaN), () => []),
    seconds: orElse(number, () => 0),
  });
  return (value, path) => {
    const progress = fields(value, path);
    const { epoch, step, last, best } = progress;
    const isOfEpoch = last === null ? epoch === 0 : last.epoch === epoch && last.step <= step;
    if (!isOfEpoch) throw new WrongValue(`${path}.last is not of epoch ${epoch}, the last whole one`);
    if (best !== null && best.epoch > epoch)
      throw new WrongValue(`${path}.best.epoch is ${best.epoch}, and ${epoch} is the last whole one`);
    return progress;
  };
}
