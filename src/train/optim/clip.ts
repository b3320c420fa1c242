import { type Scalar, type Tensor, tensorflow } from '../engine/tensorflow.js';
import type { Parameter } from '../model/parameter.js';

/** How gradients are limited; null: not in this way. At most one is set. */
export interface ClipOptions {
  readonly clipGradNorm: number | null;
  readonly clipGradValue: number | null;
}

/**
 * Limits all gradients as the options say. Call it after the last backward and before step.
 *
 * @param parameters whose gradients are clipped
 * @param options to which norm, or to which value
 * @returns the norm of all gradients before clipping; null when nothing is clipped
 */
export function clipGradients(parameters: readonly Parameter[], options: ClipOptions): number | null {
  if (options.clipGradNorm) return clipGradNorm(parameters, options.clipGradNorm);
  if (options.clipGradValue) return clipGradValue(parameters, options.clipGradValue);
  return null;
}

/**
 * Scales all gradients down together so that their total norm is at most `maxNorm`; smaller ones stay as they are.
 *
 *     norm = sqrt(sum of all g^2),   g = g * min(1, max_norm / (norm + 1e-6))
 *
 * @param parameters whose gradients are clipped
 * @param maxNorm the largest norm allowed, above 0
 * @returns the norm before clipping
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export function clipGradNorm(parameters: readonly Parameter[], maxNorm: number): number {
  const tf = tensorflow();
  return clip(parameters, (norm) => {
    const scale = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    return (grad) => tf.mul(grad, scale);
  });
}

/**
 * Cuts every single number of the gradients to within ±`value`. Unlike clipping by norm this changes their direction.
 *
 *     g = min(max(g, -value), value)
 *
 * @param parameters whose gradients are clipped
 * @param value the largest size of a number, above 0
 * @returns the norm of all gradients before clipping, which PyTorch's function does not compute
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 */
export function clipGradValue(parameters: readonly Parameter[], value: number): number {
  const tf = tensorflow();
  return clip(parameters, () => (grad) => tf.minimum(tf.maximum(grad, -value), value));
}

/** Replaces every gradient. `limit` is given the norm of all of them, which is returned. */
function clip(parameters: readonly Parameter[], limit: (norm: Scalar) => (grad: Tensor) => Tensor): number {
  const tf = tensorflow();
  const withGradient = parameters.filter((parameter) => parameter.grad);
  if (withGradient.length === 0) return 0;
  const [norm, ...clipped] = tf.tidy(() => {
    const total = tf.sqrt(tf.addN(withGradient.map(({ grad }) => tf.sum(tf.square(grad!))))) as Scalar;
    const limited = limit(total);
    return [total, ...withGradient.map(({ grad }) => limited(grad!))];
  }) as [Scalar, ...Tensor[]];
  for (const [index, parameter] of withGradient.entries()) {
    parameter.zeroGrad();
    parameter.accumulate(clipped[index]!);
  }
  const value = norm.dataSync()[0]!;
  norm.dispose();
  return value;
}
