import { type Scalar, type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { KnownFormula } from '../formula.js';
import type { Parameter } from '../model/parameter.js';

/** How gradients are limited; null: not in this way. At most one is set. */
export interface ClipOptions {
  readonly clipGradNorm: number | null;
  readonly clipGradValue: number | null;
}

/** Gradients after clipping, and the norm of all of them before; null when nothing is clipped. */
export interface Clipped {
  readonly norm: Scalar | null;
  readonly gradients: readonly Tensor[];
}

/**
 * Limits gradients as the options say: pure, in tensors only, so that it can be executed or compiled.
 *
 * @param gradients one for each parameter
 * @param options to which norm, or to which value
 * @returns the limited gradients and the norm of all of them before
 */
export function clipTensors(gradients: readonly Tensor[], options: ClipOptions): Clipped {
  const { clipGradNorm: maxNorm, clipGradValue: value } = options;
  if (maxNorm === null && value === null) return { norm: null, gradients };
  const tf = tensorflow();
  const norm = tf.sqrt(tf.addN(gradients.map((grad) => tf.sum(tf.square(grad))))) as Scalar;
  if (maxNorm !== null) {
    const scale = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    return { norm, gradients: gradients.map((grad) => tf.mul(grad, scale)) };
  }
  return { norm, gradients: gradients.map((grad) => tf.minimum(tf.maximum(grad, -value!), value!)) };
}

/**
 * How clipping changes one number of the gradients, for showing it.
 *
 * @param options to which norm, or to which value
 * @param norm of all gradients before
 * @param g the number before
 * @param clipped the number after
 * @returns the formula; null when nothing is clipped
 */
export function clipFormula(
  { clipGradNorm: maxNorm, clipGradValue: value }: ClipOptions,
  norm: number,
  { g, clipped }: { readonly g: number; readonly clipped: number },
): KnownFormula | null {
  if (maxNorm !== null) {
    const scale = Math.min(1, maxNorm / (norm + 1e-6));
    const says = 'clip_grad_norm: one factor for all gradients';
    return {
      symbols: { g, norm, max_norm: maxNorm },
      lines: [
        { gives: 'scale', formula: 'min(1, max_norm / (norm + 1e-6))', says, value: scale },
        { gives: 'g', formula: 'g * scale', says: 'what the step takes', value: clipped },
      ],
    };
  }
  if (value === null) return null;
  const says = 'clip_grad_value: what is beyond clip is cut off';
  return {
    symbols: { g, clip: value },
    lines: [{ gives: 'g', formula: 'min(max(g, -clip), clip)', says, value: clipped }],
  };
}

/**
 * Limits all gradients as the options say. Call it after the last backward and before step.
 *
 * @param parameters whose gradients are clipped
 * @param options to which norm, or to which value
 * @returns the norm of all gradients before clipping, 0 when there are none; null when nothing is clipped
 */
export function clipGradients(parameters: readonly Parameter[], options: ClipOptions): number | null {
  const tf = tensorflow();
  const withGradient = parameters.filter((parameter) => parameter.grad);
  if (options.clipGradNorm === null && options.clipGradValue === null) return null;
  if (withGradient.length === 0) return 0;
  const [norm, ...clipped] = tf.tidy(() => {
    const result = clipTensors(
      withGradient.map(({ grad }) => grad!),
      options,
    );
    return [result.norm!, ...result.gradients];
  }) as [Scalar, ...Tensor[]];
  for (const [index, parameter] of withGradient.entries()) {
    parameter.grad = clipped[index]!;
  }
  const value = norm.dataSync()[0]!;
  norm.dispose();
  return value;
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
  return clipGradients(parameters, { clipGradNorm: maxNorm, clipGradValue: null })!;
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
  return clipGradients(parameters, { clipGradNorm: null, clipGradValue: value })!;
}
