import { type Scalar, type Tensor, tensorflow } from '../backend/tensorflow.js';

/**
 * From one tensor towards another, as `torch.lerp`: how running averages move.
 *
 *     from + weight * (to - from)            weight < 0.5
 *     to - (1 - weight) * (to - from)        otherwise: weight 1 gives exactly `to`
 *
 * @param from the average so far
 * @param to the new value, of the same shape
 * @param weight share of the new value, in [0, 1]
 * @param size about how large the weight is: it chooses the form, which a scalar that is fed at each step cannot
 * @returns the new average
 * @source https://docs.pytorch.org/docs/stable/generated/torch.lerp.html
 */
export function lerp(from: Tensor, to: Tensor, weight: Scalar | number, size: number): Tensor {
  const tf = tensorflow();
  const distance = tf.sub(to, from);
  if (Math.abs(size) < 0.5) return tf.add(from, tf.mul(distance, weight));
  return tf.sub(to, tf.mul(distance, tf.sub(1, weight)));
}
