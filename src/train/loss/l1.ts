import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import { elementwise } from './elementwise.js';
import type { Reduction, ValueLoss } from './loss.js';

export interface L1Options {
  readonly type: 'l1';
  readonly reduction: Reduction;
}

/**
 * Absolute error of the outputs against the targets.
 *
 *     loss[i, k] = |output[i, k] - target[i, k]|
 *
 * @param options reduction: mean over batch and outputs (default), or sum
 * @returns a function of outputs and targets, both [batch, outputs]
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
 */
export function l1({ reduction }: L1Options): ValueLoss {
  return elementwise(
    reduction,
    (outputs, targets) => absolute(tensorflow().sub(outputs, targets)),
    (x, y) => ({
      symbols: { x, y },
      lines: [{ gives: 'loss', formula: 'abs(x - y)', says: 'the size of the error' }],
    }),
  );
}

/**
 * |x|, with PyTorch's gradient sign(x), which is 0 at 0; that of tfjs's own `abs` is -1 there.
 *
 * @param x of any shape
 * @returns the same shape
 */
function absolute(x: Tensor): Tensor {
  const tf = tensorflow();
  return tf.mul(x, tf.sign(x)); // sign counts as a constant: its own gradient is 0
}
