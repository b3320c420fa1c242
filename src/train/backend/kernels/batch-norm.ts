import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import type { Tensor } from '../tensorflow.js';

interface BatchNormAttributes {
  readonly eps: number;
}

// Ops of lossnet's own: see native/cc/batch-norm.cc. TensorFlow's in training adds up each channel's numbers one after the other,
// which at ordinary sizes leaves 4 digits.
const batchNormKernel = differentiable<BatchNormAttributes>('BatchNorm', 3, {
  forward: (inputs, { eps }) => runOp('LossnetBatchNorm', { eps: { float: eps } }, inputs, 5),
  gradient: (dy, [x, scale, offset, , mean, rest, , inverse]) => {
    // Not in a thunk, which would free what the others are to give: one op gives all three.
    const inputs = [dy, x!, scale!, offset!, mean!, rest!, inverse!];
    return runOp('LossnetBatchNormGrad', {}, inputs, 3).map((gradient) => () => gradient);
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
  const [y, mean, , unbiasedVariance] = batchNormKernel([x, scale, offset], { eps }, 5);
  return { y: y!, mean: mean!, unbiasedVariance: unbiasedVariance! };
}
