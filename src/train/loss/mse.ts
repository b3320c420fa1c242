import { tensorflow } from '../backend/tensorflow.js';
import { elementwise } from './elementwise.js';
import type { LossFunction, Reduction } from './loss.js';

export interface MseOptions {
  readonly type: 'mse';
  readonly reduction: Reduction;
}

/**
 * Squared error of the outputs against the one-hot targets.
 *
 *     loss[i, c] = (output[i, c] - target[i, c])^2
 *
 * @param options reduction: mean over batch and classes (default), or sum
 * @returns a function of outputs [batch, classes] and targets [batch] (int32)
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 */
export function mse({ reduction }: MseOptions): LossFunction {
  return elementwise(reduction, (outputs, targets) => tensorflow().squaredDifference(outputs, targets));
}
