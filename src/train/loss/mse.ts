import { tensorflow } from '../backend/tensorflow.js';
import { elementwise } from './elementwise.js';
import type { Reduction, ValueLoss } from './loss.js';

export interface MseOptions {
  readonly type: 'mse';
  readonly reduction: Reduction;
}

/**
 * Squared error of the outputs against the targets.
 *
 *     loss[i, k] = (output[i, k] - target[i, k])^2
 *
 * @param options reduction: mean over batch and outputs (default), or sum
 * @returns a function of outputs and targets, both [batch, outputs]
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 */
export function mse({ reduction }: MseOptions): ValueLoss {
  return elementwise(
    reduction,
    (outputs, targets) => tensorflow().squaredDifference(outputs, targets),
    (x, y) => ({
      symbols: { x, y },
      lines: [{ gives: 'loss', formula: '(x - y)^2', says: 'the square of the error' }],
    }),
  );
}
