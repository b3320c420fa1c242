import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { ClassLoss, LossFormula, Reduction } from './loss.js';
import { oneHot } from './one-hot.js';

export interface WeightedNllOptions {
  /** One weight for each class, or null: all 1. */
  readonly weight: readonly number[] | null;
  /** Samples of this class do not count. */
  readonly ignoreIndex: number;
  /** Share of the target that is spread over all classes, in [0, 1]. */
  readonly labelSmoothing: number;
  readonly reduction: Reduction;
}

/**
 * What `nll` and `cross_entropy` share: with s the label smoothing and w the class weights,
 *
 *     loss[i] = - sum over c of w[c] * q[i, c] * logProbs[i, c],   q[i] = (1 - s) * one_hot(target[i]) + s / classes
 *     sum:  sum of loss[i] over the samples that are not ignored
 *     mean: that sum / sum of w[target[i]] over the samples that are not ignored
 *
 * The divisor is the targets' weight alone, for the smoothed part too. When every sample is ignored, the mean is NaN.
 *
 * @param options class weights, class to ignore, label smoothing, reduction
 * @param rows from what the model says and the targets to loss[i], 0 for an ignored sample
 * @param formula the same for one sample that is not ignored, written out
 * @returns the loss
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export function weightedLoss(
  { weight, ignoreIndex, reduction }: WeightedNllOptions,
  rows: ClassLoss['rows'],
  formula: ClassLoss['formula'],
): ClassLoss {
  return {
    reduction,
    takes: 'classes',
    ignoreIndex,
    rows,
    formula: (outputs, target) => (target === ignoreIndex ? IGNORED : formula(outputs, target)),
    weight: (target) => {
      if (target === ignoreIndex) return 0;
      return reduction === 'sum' || weight === null ? 1 : weight[target]!;
    },
  };
}

/** A sample that counts for nothing. */
const IGNORED: LossFormula = {
  symbols: {},
  lines: [{ gives: 'loss', formula: '0', says: 'ignore_index: samples of this class do not count' }],
};

/**
 * @param logProbs log-probabilities [batch, classes]
 * @param targets class indices [batch], int32
 * @param options class weights, class to ignore, label smoothing
 * @returns [batch]: loss[i] of `weightedLoss`
 */
export function weightedNll(
  logProbs: Tensor,
  targets: Tensor,
  { weight, ignoreIndex, labelSmoothing }: WeightedNllOptions,
): Tensor {
  const tf = tensorflow();
  const classes = logProbs.shape[1]!;
  const counted = tf.expandDims(tf.cast(tf.notEqual(targets, tf.scalar(ignoreIndex, 'int32')), 'float32'), 1);
  const weights = tf.mul(counted, weight === null ? tf.ones([classes]) : tf.tensor1d([...weight]));
  const ofTarget = tf.mul(oneHot(targets, classes), weights);
  const smooth = tf.mul(weights, labelSmoothing / classes);
  const shares = labelSmoothing === 0 ? ofTarget : tf.add(tf.mul(ofTarget, 1 - labelSmoothing), smooth);
  // What has no share is left out rather than multiplied by 0: its log-probability may be -infinity.
  const products = tf.where(tf.greater(shares, 0), tf.mul(shares, logProbs), tf.zerosLike(shares));
  return tf.neg(tf.sum(products, 1));
}
