// jstat: the quantile of Student's t, which has no closed form. Its package brings no types and nothing else.
import jstat from 'jstat';

/** What is called significant has at most this probability of being due to chance. */
const ALPHA = 0.05;
/** Of Student's t for intervals of 95 %. */
const QUANTILE = 1 - ALPHA / 2;

/** Of the normal distribution. */
const NORMAL_QUANTILE = 1.96;

/** @param values at least one */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

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
  const centre = mean(values);
  if (count < 2) return { mean: centre, margin: null, count };
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (count - 1);
  return {
    mean: centre,
    margin: jstat.jStat.studentt.inv(QUANTILE, count - 1) * Math.sqrt(variance / count),
    count,
  };
}

export interface PairedDifference extends Estimate {
  /** Probability of a difference as large by chance alone; null for a single pair. */
  readonly p: number | null;
}

/**
 * Mean difference of paired values, `a[i] - b[i]`, with its 95 % confidence interval and the two-sided paired t-test:
 * `t = mean / (s / sqrt(n))`. What the pairs share, here the seed with its weights and batches, cancels.
 *
 * Shares of m samples move in steps of 1/m, and seeds that happen to agree say nothing of the samples. So a difference of
 * k = m |mean| samples is no surer than k coins that all fall on one side, the least that McNemar's exact test can find; where
 * that is less sure than the t-test, it is what counts, with its interval:
 *
 *     p = min(1, 2^(1 - k)),   margin = (1.96 sqrt(k) + 1) / m
 *
 * @param a values
 * @param b as many values, each the partner of its namesake in `a`
 * @param samples m, where the values are shares of the same samples; null: they are not. Default: null
 * @returns the difference
 * @source McNemar, Note on the sampling error of the difference between correlated proportions, Psychometrika 12 (1947); the
 * interval, corrected for continuity: Fleiss, Statistical Methods for Rates and Proportions (1981)
 */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
  samples: number | null = null,
): PairedDifference {
  const bySeeds = pairedBySeeds(a, b);
  if (samples === null || bySeeds.p === null || bySeeds.mean === 0) return bySeeds;
  const apart = samples * Math.abs(bySeeds.mean);
  const p = Math.min(1, 2 ** (1 - apart));
  if (p <= bySeeds.p) return bySeeds;
  const margin = (NORMAL_QUANTILE * Math.sqrt(apart) + 1) / samples;
  return { ...bySeeds, margin: Math.max(bySeeds.margin!, margin), p };
}

function pairedBySeeds(a: readonly number[], b: readonly number[]): PairedDifference {
  const difference = estimate(a.map((value, i) => value - b[i]!));
  const { mean: centre, margin, count } = difference;
  if (margin === null) return { ...difference, p: null };
  if (margin === 0) return { ...difference, p: centre === 0 ? 1 : 0 };
  const { cdf, inv } = jstat.jStat.studentt;
  const t = (centre / margin) * inv(QUANTILE, count - 1);
  return { ...difference, p: 2 * cdf(-Math.abs(t), count - 1) };
}

/**
 * Mean difference of values that have no partners, with its 95 % confidence interval after Welch:
 * `mean(a) - mean(b) ± t(0.975, df) * sqrt(s_a^2 / n_a + s_b^2 / n_b)`.
 *
 * @param a values, at least one
 * @param b others, at least one
 * @returns the difference; its margin is null where one of them is a single value
 * @source Welch, The generalization of Student's problem, Biometrika 34 (1947)
 */
export function difference(a: readonly number[], b: readonly number[]): Estimate {
  const centre = mean(a) - mean(b);
  const count = Math.min(a.length, b.length);
  if (count < 2) return { mean: centre, margin: null, count };
  const shares = [a, b].map((values) => {
    const own = mean(values);
    const variance = values.reduce((sum, value) => sum + (value - own) ** 2, 0) / (values.length - 1);
    return { square: variance / values.length, freedom: values.length - 1 };
  });
  const square = shares.reduce((sum, share) => sum + share.square, 0);
  if (square === 0) return { mean: centre, margin: 0, count };
  const freedom = square ** 2 / shares.reduce((sum, share) => sum + share.square ** 2 / share.freedom, 0);
  return { mean: centre, margin: jstat.jStat.studentt.inv(QUANTILE, freedom) * Math.sqrt(square), count };
}

/**
 * Which of several tests are significant when any one of them being so by chance is to have a probability of at most
 * 5 %: Holm's method. The least p is held against 0.05 / k, the next one against 0.05 / (k - 1), and so on up to the
 * first that is too large.
 *
 * @param ps of k tests; null where there is none
 * @returns for each test whether it is significant; null where there is none
 * @source Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979)
 */
export function significantOf(ps: readonly (number | null)[]): (boolean | null)[] {
  const order = [...ps.keys()].filter((i) => ps[i] !== null).sort((i, j) => ps[i]! - ps[j]!);
  const failed = order.findIndex((i, k) => ps[i]! > ALPHA / (order.length - k));
  const passed = new Set(failed < 0 ? order : order.slice(0, failed));
  return ps.map((p, i) => (p === null ? null : passed.has(i)));
}
