import { describe, expect, it } from 'vitest';
import {
  estimate,
  pairedDifference,
  significantOf,
} from '../../../../src/runs/compare/ranking/statistics.js';

describe('estimate', () => {
  it('has the interval of a table: t(0.975, 4) = 2.776445', () => {
    const { mean, margin } = estimate([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(margin).toBeCloseTo((2.776445 * Math.sqrt(2.5)) / Math.sqrt(5), 5);
  });

  it('of a single value has no interval, of equal ones an empty one', () => {
    expect(estimate([0.5])).toEqual({ mean: 0.5, margin: null, count: 1 });
    expect(estimate([0.5, 0.5, 0.5])).toEqual({ mean: 0.5, margin: 0, count: 3 });
  });
});

describe('pairedDifference', () => {
  // Student's own data on sleep (1908): scipy.stats.ttest_rel gives t = -4.0621, p = 0.0028; interval -2.4599 to -0.7001.
  const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
  const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

  it('is what the paired t-test finds', () => {
    const { mean, margin, p } = pairedDifference(first, second);
    expect(mean - margin!).toBeCloseTo(-2.4599, 4);
    expect(mean + margin!).toBeCloseTo(-0.7001, 4);
    expect(p).toBeCloseTo(0.0028, 4);
  });

  it('is certain where all pairs differ alike, nothing where they are equal, and unknown for one pair', () => {
    expect(pairedDifference([1, 2, 3], [2, 1, 3]).p).toBeCloseTo(1, 10);
    expect(pairedDifference([1, 2], [1, 2]).p).toBe(1);
    expect(pairedDifference([1, 2], [3, 4]).p).toBe(0);
    expect(pairedDifference([1], [2]).p).toBe(null);
  });
});

describe('pairedDifference of shares of samples', () => {
  it('is no surer than as many coins that fall on one side', () => {
    // One image of 22 with both seeds; then 6 of 60 with three, where 2 * 0.5^6 = 0.03125.
    const one = pairedDifference([3 / 22, 3 / 22], [2 / 22, 2 / 22], 22);
    expect(one.p).toBeCloseTo(1, 9);
    expect(one.margin!).toBeCloseTo(2.96 / 22, 9);
    const six = pairedDifference([0.6, 0.6, 0.6], [0.5, 0.5, 0.5], 60);
    expect(six.p).toBeCloseTo(0.03125, 9);
    expect(six.margin!).toBeLessThan(six.mean);
    expect(pairedDifference([0.55, 0.55], [0.5, 0.5], 60).p).toBeGreaterThan(0.05);
  });

  it('is what the t-test finds where that is less sure, and nothing where shares are equal', () => {
    const [a, b] = [
      [0.61, 0.66, 0.63],
      [0.55, 0.58, 0.57],
    ];
    expect(pairedDifference(a!, b!, 1000)).toEqual(pairedDifference(a!, b!));
    expect(pairedDifference([0.5, 0.5], [0.5, 0.5], 22)).toMatchObject({ p: 1, mean: 0 });
    expect(pairedDifference([0.5], [0.4], 22).p).toBeNull();
  });
});

describe('significantOf', () => {
  it("goes by Holm's steps: each p against what is left of the 5 %", () => {
    expect(significantOf([0.01, 0.04, 0.03, 0.005])).toEqual([true, false, false, true]);
    expect(significantOf([0.03, 0.02])).toEqual([true, true]);
    expect(significantOf([0.03, 0.026])).toEqual([false, false]);
    expect(significantOf([0.04, null])).toEqual([true, null]);
    expect(significantOf([])).toEqual([]);
  });
});
