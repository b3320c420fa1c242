import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import { type Tensor, tensorflow } from '../tensorflow.js';
import { channelSums, rowsOfWideRow } from './sums.js';
import { FLOAT, NHWC } from './window.js';

interface BatchNormAttributes {
  readonly eps: number;
}

/** How many numbers each channel has. */
const rowsOf = ({ size, shape }: Tensor): number => size / shape.at(-1)!;

// TensorFlow's own op in training adds up each channel's numbers one after the other, which at ordinary sizes leaves 4 digits.
const batchNormKernel = differentiable<BatchNormAttributes>('BatchNorm', 3, {
  forward: ([x, scale, offset], { eps }) => {
    const tf = tensorflow();
    const rows = rowsOf(x!);
    // A mean far from 0 is rounded more coarsely than the numbers differ from it: what they then still have in common is `rest`.
    const about = tf.div(channelSums(x!), rows);
    const near = scaleChannels(x!, { minus: about });
    const rest = tf.div(channelSums(near), rows);
    const squares = tf.sub(channelSums(tf.square(near)), tf.mul(tf.square(rest), rows));
    const variance = tf.abs(tf.div(squares, rows)); // rounding may leave less than 0
    const inverse = tf.rsqrt(tf.add(variance, eps));
    const y = scaleChannels(near, { minus: rest, times: tf.mul(scale!, inverse), plus: offset! });
    const unbiased = tf.mul(variance, rows / (rows - 1));
    return [y, tf.add(about, rest), unbiased, near, rest, inverse];
  },
  // dx = scale * inverse * (dy - mean(dy) - z * mean(dy * z)),   z = (near - rest) * inverse
  gradient: (dy, [, scale, , , , , near, rest, inverse]) => {
    const tf = tensorflow();
    const dOffset = channelSums(dy);
    const products = tf.sub(channelSums(tf.mul(dy, near!)), tf.mul(dOffset, rest!));
    const dScale = tf.mul(products, inverse!);
    const dx = () => {
      const rows = rowsOf(dy);
      const factor = tf.mul(scale!, inverse!);
      const share = (sums: Tensor) => tf.mul(factor, tf.div(sums, -rows));
      const times = tf.mul(share(dScale), inverse!);
      return tf.add(
        scaleChannels(dy, { times: factor }),
        scaleChannels(near!, { minus: rest!, times, plus: share(dOffset) }),
      );
    };
    return [dx, () => dScale, () => dOffset];
  },
});

/**
 * `(x - minus) * times + plus`, channel by channel, in one pass: as batch normalisation by given statistics, of which
 * variance and eps are left out.
 */
function scaleChannels(
  x: Tensor,
  { minus, times, plus }: { readonly minus?: Tensor; readonly times?: Tensor; readonly plus?: Tensor },
): Tensor {
  const tf = tensorflow();
  const channels = x.shape.at(-1)!;
  const rows = rowsOf(x);
  const joined = rowsOfWideRow(rows, channels);
  const wide = (each: Tensor | undefined, none: number) =>
    each ? (joined === 1 ? each : tf.tile(each, [joined])) : tf.fill([channels * joined], none);
  const attributes = {
    ...{ T: FLOAT, U: FLOAT, data_format: NHWC },
    ...{ is_training: { bool: false }, epsilon: { float: 0 } },
  };
  const image = tf.reshape(x, [rows / joined, 1, 1, channels * joined]);
  const inputs = [image, wide(times, 1), wide(plus, 0), wide(minus, 0), wide(undefined, 1)];
  const [y] = runOp('FusedBatchNormV3', attributes, inputs, 6);
  return tf.reshape(y, x.shape);
}

/**
 * Normalises each channel by its own mean and variance in this batch.
 *
 *     y = (x - mean) / sqrt(biased variance + eps) * scale + offset
 *
 * @param x [batch, height, width, channels]
 * @param scale [channels]
 * @param offset [channels]
 * @param eps added to the variance
 * @returns y, the mean and the unbiased variance of each channel; only y has a gradient
 */
export function batchNorm(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  eps: number,
): { y: Tensor; mean: Tensor; unbiasedVariance: Tensor } {
  const [y, mean, unbiasedVariance] = batchNormKernel([x, scale, offset], { eps }, 6);
  return { y: y!, mean: mean!, unbiasedVariance: unbiasedVariance! };
}
