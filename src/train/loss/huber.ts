import { differentiable } from '../backend/differentiable.js';
import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import { elementwise } from './elementwise.js';
import type { Reduction, ValueLoss } from './loss.js';

export interface HuberOptions {
  readonly type: 'huber';
  /** Error at which the square becomes a line, above 0. */
  readonly delta: number;
  readonly reduction: Reduction;
}

const huberKernel = differentiable<{ delta: number }>('Huber', 1, {
  forward: ([error], { delta }) => {
    const tf = tensorflow();
    return tf.tidy(() => {
      const z = tf.abs(error!);
      const square = tf.mul(tf.square(z), 0.5);
      return tf.where(tf.lessEqual(z, delta), square, tf.mul(tf.sub(z, 0.5 * delta), delta));
    });
  },
  gradient: (dy, [error], { delta }) => {
    const tf = tensorflow();
    return [() => tf.mul(dy, tf.clipByValue(error!, -delta, delta))];
  },
});

/**
 * Half the square of small errors, a line for large ones. Its gradient is the error itself, clipped to [-delta, delta].
 *
 * @param error of any shape
 * @param delta error at which the square becomes a line, above 0
 * @returns the same shape
 */
export function huberOf(error: Tensor, delta: number): Tensor {
  return huberKernel([error], { delta })[0]!;
}

/**
 * Squared error of the outputs against the targets, which large errors raise only in proportion.
 *
 *     z = |output[i, k] - target[i, k]|
 *     loss[i, k] = 0.5 * z^2                   where z <= delta
 *                  delta * (z - 0.5 * delta)   elsewhere
 *
 * @param options delta (default 1); reduction: mean over batch and outputs (default), or sum
 * @returns a function of outputs and targets, both [batch, outputs]
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
 */
export function huber({ delta, reduction }: HuberOptions): ValueLoss {
  return elementwise(
    reduction,
    (outputs, targets) => huberOf(tensorflow().sub(outputs, targets), delta),
    (x, y) => {
      const z = Math.abs(x - y);
      const small = { formula: '0.5 * z^2', says: 'z is at most delta: half its square' };
      const large = { formula: 'delta * (z - 0.5 * delta)', says: 'z is above delta: a line' };
      return {
        symbols: { x, y, delta },
        lines: [
          { gives: 'z', formula: 'abs(x - y)', says: 'the size of the error', value: z },
          { gives: 'loss', ...(z <= delta ? small : large) },
        ],
      };
    },
  );
}
