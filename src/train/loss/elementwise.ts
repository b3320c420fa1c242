import { tensorflow } from '../backend/tensorflow.js';
import type { Reduction, ValueLoss } from './loss.js';

/**
 * A loss that compares each output with a value of its own; the mean is over all batch x outputs numbers.
 *
 * @param reduction how the losses of a batch become one number
 * @param each from outputs and targets, both [batch, outputs], to losses [batch, outputs]
 * @param formula the same for one output, written out
 * @returns the loss
 */
export function elementwise(
  reduction: Reduction,
  each: ValueLoss['each'],
  formula: ValueLoss['formula'],
): ValueLoss {
  return {
    reduction,
    takes: 'values',
    ignoreIndex: null,
    each,
    formula,
    rows: (outputs, targets) => tensorflow().sum(each(outputs, targets), 1),
    weight: (outputs) => (reduction === 'sum' ? 1 : outputs),
  };
}
