import { describe, expect, it } from 'vitest';
import { fixture } from '../../../helpers/fixtures.js';
import { deviation, fill, mean } from './helpers.js';

interface Case {
  options: { mean: number; std: number; a: number; b: number };
  mean_of_values: number;
  std_of_values: number;
  quantiles: number[];
}

const { truncated, probabilities } = fixture<{ truncated: Case[]; probabilities: number[] }>(
  'initializers.json',
);
const SIZE = 200_000;

describe('trunc_normal has the distribution of torch.nn.init', () => {
  it.each(truncated)('$options', ({ options, mean_of_values, std_of_values, quantiles }) => {
    const values = fill({ type: 'trunc_normal', ...options }, [SIZE]);
    const [low, high] = [Math.fround(options.a), Math.fround(options.b)];
    expect(values.every((value) => value >= low && value <= high)).toBe(true);
    expect(Math.abs(mean(values) - mean_of_values)).toBeLessThan((5 * std_of_values) / Math.sqrt(SIZE));
    expect(Math.abs(deviation(values) / std_of_values - 1)).toBeLessThan(0.015);
    for (const [i, p] of probabilities.entries()) {
      const below = values.filter((value) => value < quantiles[i]!).length / SIZE;
      expect(Math.abs(below - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / SIZE));
    }
  });

  it('defaults to a standard normal within ±2', () => {
    expect(fill({ type: 'trunc_normal' }, [100])).toEqual(
      fill({ type: 'trunc_normal', mean: 0, std: 1, a: -2, b: 2 }, [100]),
    );
  });

  it.each([
    ['a thousand deviations out', { a: 1000, b: 1e6 }, 1000.001, 1e-3],
    ['the same below', { a: -1e6, b: -1000 }, -1000.001, 1e-3],
  ])('%s: exponential at the bound', (_, bounds, centre, std) => {
    const values = fill({ type: 'trunc_normal', ...bounds }, [SIZE]);
    // float32 holds steps of 6e-5 there.
    expect(Math.abs(mean(values) - centre)).toBeLessThan(1e-5);
    expect(Math.abs(deviation(values) / std - 1)).toBeLessThan(0.015);
  });

  it.each([
    [0, 0],
    [0.1, 0],
    [-700, 0],
    // In standard deviations and back again, 0.1 becomes 0.10000002.
    [0.1, 1e9],
  ])('bounds that meet at %d leave that value, with mean %d', (bound, centre) => {
    const values = fill({ type: 'trunc_normal', mean: centre, a: bound, b: bound }, [2]);
    expect([...values]).toEqual(Array(2).fill(Math.fround(bound)));
  });
});
