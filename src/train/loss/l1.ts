import { tensorflow } from '../backend/tensorflow.js';
import { absolute } from './absolute.js';
import { elementwise } from './elementwise.js';
import type { LossFunction, Reduction } from './loss.js';

export interface L1Options {
  readonly type: 'l1';
  readonly reduction: Reduction;
}

/**
 * Absolute error of the outputs against the one-hot targets.
 *
 *     loss[i, c] = |output[i, c] - target[i, c]|
 *
 * @param options reduction: mean over batch and classes (default), or sum
 * @returns a function of outputs [batch, classes] and targets [batch] (int32)
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
 */
export function l1({ reduction }: L1Options): LossFunction {
  return elementwise(reduction, (outputs, targets) => absolute(tensorflow().sub(outputs, targets)));
}
