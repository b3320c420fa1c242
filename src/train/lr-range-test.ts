import { type LoopParts, trainEpoch } from './loop.js';
import { addBatch, emptyTally, lossAsOneBatch } from './metrics.js';

export interface LrRange {
  /** Learning rate of the first step, above 0. */
  readonly min: number;
  /** Learning rate of the last step, above `min`. */
  readonly max: number;
  /** How many steps, 2 or more. */
  readonly steps: number;
}

/** One step of the test. */
export interface LrPoint {
  /** Counted from 1. */
  readonly step: number;
  /** The learning rate that the step was made with. */
  readonly lr: number;
  /** Loss of its batch, before the step. */
  readonly loss: number;
  /** The losses so far, averaged with weights that fade; see `fading`. */
  readonly smoothedLoss: number;
}

/** Why a test ended: all steps made, or the loss gone. */
export type LrTestEnd = 'steps' | 'diverged';

/** The loss has diverged when, smoothed, it is so many times the lowest. As in fastai and Lightning. */
const DIVERGED = 4;

/** How far smoothing reaches, in powers of ten of the learning rate. */
const REACH = 0.4;

/**
 * The factor by which a point's weight fades from step to step.
 *
 *     beta = exp(-1 / (0.4 * d)),   d = steps in which lr grows tenfold
 *
 * So what is smoothed does not depend on how many steps are made: with 200 from 1e-7 to 10, beta is 0.90.
 */
export function fading({ min, max, steps }: LrRange): number {
  return Math.exp(-Math.log10(max / min) / ((steps - 1) * REACH));
}

/** `lr(i) = min * (max / min)^(i / (steps - 1))`, i from 0. */
export function lrAt({ min, max, steps }: LrRange, i: number): number {
  return min * (max / min) ** (i / (steps - 1));
}

/**
 * The learning-rate range test: trains with a learning rate that grows exponentially from step to step, until the loss
 * diverges. The parts are used up by it: their weights are worth nothing afterwards.
 *
 *     a(i) = beta * a(i-1) + (1 - beta) * loss(i),   smoothed(i) = a(i) / (1 - beta^(i+1))
 *
 * Ends when the smoothed loss is more than four times the lowest so far, or a loss is not finite.
 *
 * @param parts model, optimizer and data; their schedule is not followed, and the optimizer's momentum stays
 * @param range from which learning rate to which, and in how many steps; goes on with the next epoch when one ends
 * @param scales the learning rates of the optimizer's further groups, as multiples of that of the first
 * @returns yields a point after each step whose loss is finite; returns why it ended
 * @source Smith, Cyclical Learning Rates for Training Neural Networks, https://arxiv.org/abs/1506.01186
 */
export function* lrRangeTest(
  parts: LoopParts,
  range: LrRange,
  scales: readonly number[] = [],
): Generator<LrPoint, LrTestEnd> {
  const beta = fading(range);
  const { reduction, task } = parts.program;
  const schedule: LoopParts['schedule'] = ({ step }) => {
    const lr = lrAt(range, step);
    return { lr, momentum: null, groupLrs: scales.map((scale) => scale * lr) };
  };
  let average = 0;
  let best = Number.POSITIVE_INFINITY;
  let step = 0;
  for (let epoch = 0; ; epoch++) {
    for (const made of trainEpoch({ ...parts, schedule, watchEvery: null }, epoch, { batch: 0, step })) {
      if (made.diverged) return 'diverged';
      const tally = emptyTally(task);
      for (const batch of made.batches) addBatch(tally, batch);
      const loss = lossAsOneBatch(tally, reduction);
      step += 1;
      average = beta * average + (1 - beta) * loss;
      const smoothedLoss = average / (1 - beta ** step);
      yield { step, lr: made.lr, loss, smoothedLoss };
      best = Math.min(best, smoothedLoss);
      if (smoothedLoss > DIVERGED * Math.abs(best)) return 'diverged';
      if (step === range.steps) return 'steps';
    }
  }
}
