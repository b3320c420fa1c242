import type { Tensor } from '../engine/tensorflow.js';
import type { LossFunction, Reduction } from './loss.js';
import { oneHot } from './one-hot.js';
import { reduce, reduceRows } from './reduce.js';

/**
 * A loss that compares each output with a number of its own. The data's targets are class indices, so the outputs are
 * compared with `F.one_hot(targets, classes).float()`; the mean is over all batch x classes numbers.
 *
 * @param reduction how the losses of a batch become one number
 * @param formula from outputs and one-hot targets, both [batch, classes], to losses [batch, classes]
 * @returns the loss
 */
export function elementwise(
  reduction: Reduction,
  formula: (outputs: Tensor, targets: Tensor) => Tensor,
): LossFunction {
  const losses = (outputs: Tensor, targets: Tensor) => formula(outputs, oneHot(targets, outputs.shape[1]!));
  return {
    reduction,
    compute: (outputs, targets) => reduce(losses(outputs, targets), reduction),
    each: (outputs, targets) => reduceRows(losses(outputs, targets), reduction),
  };
}
