import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { LossFunction, Reduction } from './loss.js';
import { oneHot } from './one-hot.js';

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
  return {
    reduction,
    ignoreIndex: null,
    rows: (outputs, targets) => tensorflow().sum(formula(outputs, oneHot(targets, outputs.shape[1]!)), 1),
    weight: (_, classes) => (reduction === 'sum' ? 1 : classes),
  };
}
