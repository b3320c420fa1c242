import type { RandomStream } from '../../random.js';
import type { Initializer } from './initializer.js';

export interface TruncNormalOptions {
  readonly type: 'trunc_normal';
  readonly mean: number;
  readonly std: number;
  readonly a: number;
  readonly b: number;
}

/** Within this distance of the mean, in standard deviations, the density is nearly flat. */
const NEAR = 0.5;
/** From this width on, in standard deviations, an interval near the mean holds at least 30 % of the normal values. */
const WIDE = 2;

/**
 * Normally distributed values, those outside [a, b] drawn again until they are inside.
 *
 *     p(x) ∝ exp(-((x - mean) / std)² / 2)   for a ≤ x ≤ b
 *
 * The bounds are values, not numbers of standard deviations. Drawing again literally would take for ever where the
 * interval lies in a tail; the numbers are therefore proposed from a distribution of a similar shape and accepted
 * with the ratio of the densities, which gives the same distribution exactly, wherever the interval lies.
 *
 * @param options mean, default 0; std, above 0, default 1; bounds a, default -2, and b ≥ a, default 2
 * @returns the initialiser, for tensors of any shape
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
 */
export function truncNormal({ mean, std, a, b }: TruncNormalOptions): Initializer {
  const draw = standardTruncated((a - mean) / std, (b - mean) / std);
  return (values, _shape, stream) => {
    for (let i = 0; i < values.length; i++) {
      // Scaling rounds: a value at a bound must not slip over it.
      values[i] = Math.min(Math.max(mean + std * draw(stream), a), b);
    }
  };
}

/** How to draw for mean 0 and standard deviation 1. At least 30 % of the proposals are accepted, whichever the way. */
function standardTruncated(low: number, high: number): (stream: RandomStream) => number {
  if (low > NEAR) return tail(low, high);
  if (high < -NEAR) {
    const mirrored = tail(-high, -low);
    return (stream) => -mirrored(stream);
  }
  return high - low < WIDE ? narrow(low, high) : wide(low, high);
}

/** Proposals: normal. */
function wide(low: number, high: number) {
  return (stream: RandomStream): number => {
    for (;;) {
      const x = stream.normal();
      if (x >= low && x <= high) return x;
    }
  };
}

/** Proposals: uniform between the bounds; accepted by the density against its peak between them. */
function narrow(low: number, high: number) {
  const peak = Math.max(low, Math.min(0, high));
  return (stream: RandomStream): number => {
    for (;;) {
      const x = stream.uniform(low, high);
      if (stream.float() < Math.exp((peak * peak - x * x) / 2)) return x;
    }
  };
}

/**
 * Proposals: low + y, with y exponential of rate low and cut off at the upper bound. Since
 * exp(-(low + y)² / 2) = exp(-low² / 2) exp(-low y) exp(-y² / 2), what is left to accept is exp(-y² / 2).
 *
 * @source Robert, "Simulation of truncated normal variables", 1995, https://arxiv.org/abs/0907.4010
 */
function tail(low: number, high: number) {
  const negativeMass = Math.expm1(-low * (high - low));
  return (stream: RandomStream): number => {
    for (;;) {
      const y = -Math.log1p(stream.float() * negativeMass) / low;
      if (stream.float() < Math.exp((-y * y) / 2)) return low + y;
    }
  };
}
