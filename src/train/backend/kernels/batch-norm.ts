import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import { type Tensor, tensorflow } from '../tensorflow.js';
import { FLOAT, NHWC } from './window.js';

interface BatchNormAttributes {
  readonly eps: number;
}

const attributes = ({ eps }: BatchNormAttributes) => ({
  T: FLOAT,
  U: FLOAT,
  epsilon: { float: eps },
  data_format: NHWC,
  is_training: { bool: true },
});

const OUTPUTS = 6;

const batchNormKernel = differentiable<BatchNormAttributes>('BatchNorm', 3, {
  forward: ([x, scale, offset], attrs) => {
    const none = tensorflow().tensor1d([], 'float32');
    return runOp('FusedBatchNormV3', attributes(attrs), [x!, scale!, offset!, none, none], OUTPUTS);
  },
  gradient: (dy, [x, scale, , , , , ...reserved], attrs) => {
    // One op gives all three. It runs here, since the tape frees whatever else is made within a thunk.
    const inputs = [dy, x!, scale!, ...reserved];
    const [dx, dScale, dOffset] = runOp('FusedBatchNormGradV3', attributes(attrs), inputs, 5);
    return [() => dx, () => dScale!, () => dOffset!];
  },
});

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
  const [y, mean, unbiasedVariance] = batchNormKernel([x, scale, offset], { eps }, OUTPUTS);
  return { y: y!, mean: mean!, unbiasedVariance: unbiasedVariance! };
}
