import { type Scalar, tensorflow } from '../engine/tensorflow.js';
import type { Parameter } from '../model/parameter.js';

/**
 * Scales all gradients down together so that their total norm is at most `maxNorm`; smaller ones stay as they are.
 * Call it after the last backward and before step.
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
  const withGradient = parameters.filter((parameter) => parameter.grad);
  if (withGradient.length === 0) return 0;
  const norm = tf.tidy(
    () => tf.sqrt(tf.addN(withGradient.map(({ grad }) => tf.sum(tf.square(grad!))))) as Scalar,
  );
  const scale = tf.tidy(() => tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1) as Scalar);
  for (const parameter of withGradient) {
    const clipped = tf.mul(parameter.grad!, scale);
    parameter.zeroGrad();
    parameter.accumulate(clipped);
  }
  const value = norm.dataSync()[0]!;
  norm.dispose();
  scale.dispose();
  return value;
}
