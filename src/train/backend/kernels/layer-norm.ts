import { differentiable } from '../differentiable.js';
import { type Tensor, tensorflow } from '../tensorflow.js';
import { sumOver } from './sums.js';

interface LayerNormAttributes {
  /** Over which each sample is normalised, rising. */
  readonly axes: readonly number[];
  readonly eps: number;
}

function meanOver(x: Tensor, axes: readonly number[]): Tensor {
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return tensorflow().div(sumOver(x, axes), count);
}

const layerNormKernel = differentiable<LayerNormAttributes>('LayerNorm', 3, {
  forward: ([x, scale, offset], { axes, eps }) => {
    const tf = tensorflow();
    // Twice: a mean far from 0 is rounded more coarsely than the numbers differ from it.
    const near = tf.sub(x!, meanOver(x!, axes));
    const centred = tf.sub(near, meanOver(near, axes));
    const inverse = tf.rsqrt(tf.add(meanOver(tf.square(centred), axes), eps));
    const normal = tf.mul(centred, inverse);
    return [tf.add(tf.mul(normal, scale!), offset!), normal, inverse];
  },
  gradient: (dy, [, scale, , , normal, inverse], { axes }) => {
    const tf = tensorflow();
    const others = dy.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const sum = (values: Tensor) => tf.reshape(sumOver(values, others), scale!.shape);
    const dx = () => {
      const each = tf.mul(dy, scale!);
      const along = tf.mul(normal!, meanOver(tf.mul(each, normal!), axes));
      return tf.mul(tf.sub(tf.sub(each, meanOver(each, axes)), along), inverse!);
    };
    return [dx, () => sum(tf.mul(dy, normal!)), () => sum(dy)];
  },
});

/**
 * Normalises each sample by its own mean and variance over some axes.
 *
 *     y = (x - mean) / sqrt(biased variance + eps) * scale + offset
 *
 * @param x [batch, …]
 * @param scale as long as x along the axes; its other dimensions are 1 or missing on the left
 * @param offset as `scale`
 * @param axes over which it is normalised, rising, without 0
 * @param eps added to the variance
 * @returns y
 */
export function layerNorm(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  axes: readonly number[],
  eps: number,
): Tensor {
  return layerNormKernel([x, scale, offset], { axes, eps }, 3)[0]!;
}
