import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import { type Tensor, tensorflow } from '../tensorflow.js';
import { FLOAT } from './window.js';

const crossEntropyKernel = differentiable<object>('SparseSoftmaxCrossEntropy', 2, {
  forward: ([logits, targets]) =>
    runOp(
      'SparseSoftmaxCrossEntropyWithLogits',
      { T: FLOAT, Tlabels: { type: 'int32' } },
      [logits!, targets!],
      2,
    ),
  gradient: (dy, [, , , backprop]) => [
    () => tensorflow().mul(backprop!, tensorflow().expandDims(dy, 1)),
    null,
  ],
});

/**
 * Cross entropy of each row of raw logits against its class index, and its gradient, in one fused op.
 *
 * @param logits [batch, classes]
 * @param targets [batch], int32
 * @returns losses [batch]
 */
export function sparseSoftmaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return crossEntropyKernel([logits, targets], {}, 2)[0]!;
}
