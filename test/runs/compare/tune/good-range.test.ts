import { describe, expect, it } from 'vitest';
import { goodRange } from '../../../../src/runs/compare/tune/tuning.js';
import { createSource } from '../../../../src/train/data/sources/index.js';
import { createTask } from '../../../../src/train/task/index.js';

const { spec } = createSource({ type: 'shapes', trainSize: 1, evalSize: 1, seed: 0 });
const { metrics } = createTask(spec.target);

/** Trials with these figures at these values. */
const tried = (...pairs: [number, number | null][]) => pairs.map(([x, first]) => ({ point: [x], first }));

describe('goodRange', () => {
  it('reaches from where 90 % of the way from guessing to the best is had, straight between values', () => {
    // Guessing has 0.1: good is 0.1 + 0.9 * 0.5 = 0.55, half way from 0.5 to 0.6.
    const range = goodRange(
      tried([0.01, 0.5], [0.1, 0.6], [1, 0.6], [10, 0.1]),
      0,
      'eval_accuracy',
      metrics,
    )!;
    expect(range.low).toBeCloseTo(10 ** -1.5, 6);
    expect(range.high).toBeCloseTo(10 ** 0.1, 6);
    expect(range.decades).toBeCloseTo(1.6, 6);
    expect(range.isOpen).toBe(false);
  });

  it('ends at the last good value before one that diverged, and is open at the end of what was tried', () => {
    const range = goodRange(tried([0.01, 0.6], [0.1, 0.6], [1, null]), 0, 'eval_accuracy', metrics);
    expect(range).toMatchObject({ low: 0.01, high: 0.1, isOpen: true });
    expect(range!.decades).toBeCloseTo(1, 9);
  });

  it('counts what leads to the best without a gap', () => {
    const range = goodRange(
      tried([0.001, 0.6], [0.01, 0.1], [0.1, 0.6], [1, 0.1]),
      0,
      'eval_accuracy',
      metrics,
    )!;
    expect(range.low).toBeCloseTo(0.001, 3);
    expect(range.high).toBeLessThan(0.002);
  });

  it('is within a tenth of the best of a loss, of which nobody knows what guessing has', () => {
    const range = goodRange(tried([0.01, 2], [0.1, 1], [1, 1.2]), 0, 'eval_loss', metrics)!;
    expect([range.low, range.high].map((value) => Number(value.toPrecision(4)))).toEqual([0.07943, 3.162e-1]);
  });

  it('is none where nothing is better than guessing, all diverged, or values are no numbers', () => {
    expect(goodRange(tried([0.1, 0.11], [1, 0.1]), 0, 'eval_accuracy', metrics)).toBeNull();
    expect(goodRange(tried([0.1, null], [1, null]), 0, 'eval_accuracy', metrics)).toBeNull();
    expect(goodRange([{ point: ['mse'], first: 0.5 }], 0, 'eval_accuracy', metrics)).toBeNull();
  });
});
