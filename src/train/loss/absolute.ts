import { type Tensor, tensorflow } from '../backend/tensorflow.js';

/**
 * |x|, with PyTorch's gradient sign(x), which is 0 at 0; that of tfjs's own `abs` is -1 there.
 *
 * @param x of any shape
 * @returns the same shape
 */
export function absolute(x: Tensor): Tensor {
  const tf = tensorflow();
  return tf.mul(x, tf.sign(x)); // sign counts as a constant: its own gradient is 0
}
