import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Reduction, ValueLoss } from './loss.js';

/**
 * A loss that compares each output with a value of its own; the mean is over all batch x outputs numbers.
 *
 * @param reduction how the losses of a batch become one number
 * @param formula from outputs and targets, both [batch, outputs], to losses [batch, outputs]
 * @returns the loss
 */
export function elementwise(
  reduction: Reduction,
  formula: (outputs: Tensor, targets: Tensor) => Tensor,
): ValueLoss {
  return {
    reduction,
    takes: 'values',
    ignoreIndex: null,
    rows: (outputs, targets) => tensorflow().sum(formula(outputs, targets), 1),
    weight: (outputs) => (reduction === 'sum' ? 1 : outputs),
  };
}
