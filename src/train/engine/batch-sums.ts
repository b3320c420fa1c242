import { type Scalar, type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Batch } from '../data/loader.js';
import { divisorOf, type LossFunction } from '../loss/index.js';
import type { Sequential } from '../model/sequential.js';
import type { BatchResult } from './program.js';

/** What an engine computes of a batch. */
export interface Sums<Number> {
  /** The sum of the losses. */
  readonly total: Number;
  /** How many images that count were classified right. */
  readonly correct: Number;
}

/**
 * Pure, in tensors only, so that it can be executed or compiled.
 *
 * @param logits what the model says, [batch, classes]
 * @param targets the right class indices, [batch], int32
 * @param lossFunction the loss; images that it ignores are no hits either
 * @returns the sums over the batch
 */
export function sumsOf(logits: Tensor, targets: Tensor, lossFunction: LossFunction): Sums<Scalar> {
  const tf = tensorflow();
  const { ignoreIndex } = lossFunction;
  const equal = tf.equal(tf.argMax(logits, 1), targets);
  const canIgnore = ignoreIndex !== null && ignoreIndex >= 0 && ignoreIndex < logits.shape[1]!;
  const hits = canIgnore
    ? tf.logicalAnd(equal, tf.notEqual(targets, tf.scalar(ignoreIndex, 'int32')))
    : equal;
  return {
    correct: tf.sum(tf.cast(hits, 'float32')),
    total: tf.sum(lossFunction.rows(logits, targets)),
  };
}

/** What follows from a batch's targets alone: its divisor and how many of its images count. */
export class Counts {
  readonly #classes: number;

  /**
   * @param model tells how many classes there are
   * @param lossFunction the loss
   */
  constructor(
    { outputs }: Sequential,
    private readonly lossFunction: LossFunction,
  ) {
    this.#classes = outputs;
  }

  /** What the loss of these batches as one divides by: that of a sum is 1. */
  divisor(batches: readonly Batch[]): number {
    if (this.lossFunction.reduction === 'sum') return 1;
    return batches.reduce(
      (sum, { targets }) => sum + divisorOf(this.lossFunction, targets, this.#classes),
      0,
    );
  }

  /** All figures of a batch of which the sums are known. */
  result({ targets }: Batch, { total, correct }: Sums<number>): BatchResult {
    const { reduction, ignoreIndex } = this.lossFunction;
    const divisor = divisorOf(this.lossFunction, targets, this.#classes);
    const counted = targets.reduce((count, target) => count + (target === ignoreIndex ? 0 : 1), 0);
    return { loss: reduction === 'sum' ? total : divide(total, divisor), total, divisor, correct, counted };
  }
}

/** A quotient rounded as the engines' own numbers are. */
export const divide = (total: number, divisor: number): number => Math.fround(total / Math.fround(divisor));
