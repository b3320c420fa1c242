import type { Stretch } from '../loss-curve.js';

/** A figure and its standard error. */
export interface Uncertain {
  readonly value: number;
  readonly error: number;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean losses of so many windows of equal length. */
export function windowMeans(stretches: readonly Stretch[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * stretches.length) / count);
    const to = Math.max(from + 1, Math.floor(((i + 1) * stretches.length) / count));
    const part = stretches.slice(from, to);
    const steps = part.reduce((sum, stretch) => sum + stretch.steps, 0);
    return part.reduce((sum, stretch) => sum + stretch.sum, 0) / steps;
  });
}

/**
 * The slope of the line that fits values at 0, 1, 2, … best, by least squares.
 *
 *     b = sum (i - mean i) (x(i) - mean x) / S,   S = sum (i - mean i)^2
 *     error = sqrt(sum of squared residuals / (n - 2) / S)
 *
 * @param values two or more
 */
export function lineThrough(values: readonly number[]): Uncertain {
  const n = values.length;
  const [middle, mean] = [(n - 1) / 2, meanOf(values)];
  let [squares, product] = [0, 0];
  for (const [i, value] of values.entries()) {
    squares += (i - middle) ** 2;
    product += (i - middle) * (value - mean);
  }
  if (squares === 0) return { value: 0, error: Number.POSITIVE_INFINITY };
  const slope = product / squares;
  const residuals = values.reduce((sum, value, i) => sum + (value - mean - slope * (i - middle)) ** 2, 0);
  return { value: slope, error: Math.sqrt(residuals / Math.max(1, n - 2) / squares) };
}
