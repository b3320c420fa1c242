import { tensorflow } from '../backend/tensorflow.js';
import { elementwise } from './elementwise.js';
import { huberOf } from './huber.js';
import { l1 } from './l1.js';
import type { Reduction, ValueLoss } from './loss.js';

export interface SmoothL1Options {
  readonly type: 'smooth_l1';
  /** Error at which the square becomes a line, 0 or more. */
  readonly beta: number;
  readonly reduction: Reduction;
}

/**
 * Absolute error of the outputs against the targets, rounded off around 0: a Huber loss divided by beta.
 *
 *     z = |output[i, k] - target[i, k]|
 *     loss[i, k] = 0.5 * z^2 / beta   where z < beta
 *                  z - 0.5 * beta     elsewhere
 *
 * With beta 0 it is `l1`.
 *
 * @param options beta (default 1); reduction: mean over batch and outputs (default), or sum
 * @returns a function of outputs and targets, both [batch, outputs]
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
 */
export function smoothL1({ beta, reduction }: SmoothL1Options): ValueLoss {
  if (beta === 0) return l1({ type: 'l1', reduction });
  return elementwise(
    reduction,
    (outputs, targets) => {
      const tf = tensorflow();
      return tf.div(huberOf(tf.sub(outputs, targets), beta), beta);
    },
    (x, y) => {
      const z = Math.abs(x - y);
      const small = { formula: '0.5 * z^2 / beta', says: 'z is below beta: a square' };
      const large = { formula: 'z - 0.5 * beta', says: 'z is not below beta: a line' };
      return {
        symbols: { x, y, beta },
        lines: [
          { gives: 'z', formula: 'abs(x - y)', says: 'the size of the error', value: z },
          { gives: 'loss', ...(z < beta ? small : large) },
        ],
      };
    },
  );
}
