import { type Scalar, type Tensor, tensorflow } from '../engine/tensorflow.js';
import type { Reduction } from './loss.js';

/**
 * @param losses of any shape
 * @param reduction how they become one number
 * @returns the mean or the sum over all of them
 */
export function reduce(losses: Tensor, reduction: Reduction): Scalar {
  const tf = tensorflow();
  return (reduction === 'sum' ? tf.sum(losses) : tf.mean(losses)) as Scalar;
}

/**
 * @param losses [batch, classes]
 * @param reduction how those of an image become one number
 * @returns [batch]: the mean or the sum over each row
 */
export function reduceRows(losses: Tensor, reduction: Reduction): Tensor {
  const tf = tensorflow();
  return reduction === 'sum' ? tf.sum(losses, 1) : tf.mean(losses, 1);
}
