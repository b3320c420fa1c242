import { type Tensor, tensorflow } from '../tensorflow.js';

type Dilation = readonly [number, number];

/**
 * Spreads a kernel out, zeros in between, so that a plain convolution with it is a dilated one.
 *
 * @param filter [kernel height, kernel width, in, out]
 * @param dilation distance between neighbours, [height, width]
 * @returns [dilation * (kernel - 1) + 1 in both directions, in, out]
 */
export function dilateKernel(filter: Tensor, [down, right]: Dilation): Tensor {
  if (down === 1 && right === 1) return filter;
  const tf = tensorflow();
  const [height, width, inputs, outputs] = filter.shape as [number, number, number, number];
  const apart = tf.pad(tf.reshape(filter, [height, 1, width, 1, inputs * outputs]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, right - 1],
    [0, 0],
  ]);
  const whole = tf.reshape(apart, [height * down, width * right, inputs, outputs]);
  return tf.slice(whole, [0, 0, 0, 0], [down * (height - 1) + 1, right * (width - 1) + 1, inputs, outputs]);
}

/**
 * Takes the values of a spread out kernel together again: the gradient of `dilateKernel`.
 *
 * @param filter [dilation * (kernel - 1) + 1 in both directions, in, out]
 * @param dilation distance between neighbours, [height, width]
 * @returns [kernel height, kernel width, in, out]
 */
export function undilateKernel(filter: Tensor, [down, right]: Dilation): Tensor {
  if (down === 1 && right === 1) return filter;
  return tensorflow().stridedSlice(filter, [0, 0, 0, 0], [...filter.shape], [down, right, 1, 1]);
}

/** How far a kernel [height, width, …] reaches with its holes. */
export const extentOf = ({ shape }: Tensor, [down, right]: readonly [number, number]) =>
  [down * (shape[0]! - 1) + 1, right * (shape[1]! - 1) + 1] as const;
