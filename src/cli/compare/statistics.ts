// jstat: the quantile of Student's t, which has no closed form. Its package brings no types and nothing else.
import jstat from 'jstat';

/** Confidence of every interval: 95 %. */
const QUANTILE = 0.975;

/** A mean, and how far the true one may be from it. */
export interface Estimate {
  readonly mean: number;
  /** Half the width of the 95 % confidence interval; null for a single value, which has none. */
  readonly margin: number | null;
  readonly count: number;
}

/**
 * Mean and 95 % confidence interval of independent values: `mean ± t(0.975, n - 1) * s / sqrt(n)`.
 *
 * @param values at least one
 * @returns the estimate
 */
export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, margin: null, count };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, margin: jstat.jStat.studentt.inv(QUANTILE, count - 1) * Math.sqrt(variance / count), count };
}

export interface PairedDifference extends Estimate {
  /** Whether the interval leaves out 0, as in a paired t-test at 5 %; null for a single pair. */
  readonly significant: boolean | null;
}

/**
 * Mean difference of paired values, `a[i] - b[i]`, with its 95 % confidence interval: the paired t-test. What the pairs
 * share, here the seed with its weights and batches, cancels.
 *
 * @param a values
 * @param b as many values, each the partner of its namesake in `a`
 * @returns the difference
 */
export function pairedDifference(a: readonly number[], b: readonly number[]): PairedDifference {
  const difference = estimate(a.map((value, i) => value - b[i]!));
  const { mean, margin } = difference;
  return { ...difference, significant: margin === null ? null : Math.abs(mean) > margin };
}
