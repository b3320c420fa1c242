import { describe, expect, it } from 'vitest';
import { hashOf, type Records, type SplitOptions, splitRecords } from '../../../src/train/data/split.js';

const inOrder = (count: number) => Array.from({ length: count }, (_, i) => i);
const split = (records: Records, options: Partial<SplitOptions>) => {
  const whole: SplitOptions = { val: 0.1, test: 0.1, by: 'random', seed: 0, stratify: false, ...options };
  const parts = splitRecords(records, whole, 't.csv', 'rows');
  return { train: [...parts.train], val: [...parts.val], test: [...parts.test] };
};
const hashes = (count: number, seed = 0) =>
  Float64Array.from({ length: count }, (_, i) => hashOf(seed, `sample ${i}`));
const sizes = (parts: ReturnType<typeof split>) => Object.values(parts).map(({ length }) => length);

describe('samples are shared out', () => {
  it.each<[SplitOptions['by'], Records]>([
    ['hash', { count: 500, hashes: hashes(500) }],
    ['random', { count: 500 }],
    ['time', { count: 500, times: Float64Array.from(inOrder(500), (i) => (i * 7919) % 500) }],
  ])('by %s into three parts that have no sample in common', (by, records) => {
    const parts = split(records, { by });
    const all = [...parts.train, ...parts.val, ...parts.test].sort((a, b) => a - b);
    expect(all).toEqual(inOrder(500));
    for (const part of Object.values(parts)) expect(part).toEqual([...part].sort((a, b) => a - b));
    if (by !== 'hash') expect(sizes(parts)).toEqual([400, 50, 50]);
  });

  it('by hash in about the shares, whatever else there is', () => {
    const few = split({ count: 1000, hashes: hashes(1000) }, { by: 'hash' });
    const more = split({ count: 3000, hashes: hashes(3000) }, { by: 'hash' });
    for (const part of ['val', 'test'] as const) {
      expect(few[part].length).toBeGreaterThan(70);
      expect(few[part].length).toBeLessThan(130);
      expect(more[part].filter((i) => i < 1000)).toEqual(few[part]);
    }
  });

  it('by hash so that a part for the end is taken from what was trained on, not from what chooses', () => {
    const records = { count: 300, hashes: hashes(300) };
    expect(split(records, { by: 'hash', test: 0.2 }).val).toEqual(
      split(records, { by: 'hash', test: 0 }).val,
    );
  });

  it('by a hash that spreads evenly', () => {
    const sorted = hashes(2000, 3).sort();
    // Kolmogorov and Smirnov: 1.63 / sqrt(n) is passed by one sample in a hundred.
    const gap = Math.max(...sorted.map((u, i) => Math.abs(u - i / 2000)));
    expect(gap).toBeLessThan(1.63 / Math.sqrt(2000));
  });

  it('with the same share of each class in every part', () => {
    const classes = Int32Array.from(inOrder(100), (i) => (i < 80 ? 0 : 1));
    for (const seed of inOrder(4)) {
      const { val, test } = split({ count: 100, classes }, { stratify: true, seed });
      expect(val.filter((i) => i >= 80)).toHaveLength(2);
      expect(test.filter((i) => i >= 80)).toHaveLength(2);
      expect(val).toHaveLength(10);
    }
  });

  it('with whole groups, until a part has as many samples as it is to', () => {
    const groups = Int32Array.from(inOrder(100), (i) => Math.floor(i / 4));
    const parts = split({ count: 100, groups }, {});
    expect(sizes(parts)).toEqual([76, 12, 12]);
    const own = Object.values(parts).map((part) => new Set(part.map((i) => groups[i]!)));
    expect(own.reduce((sum, { size }) => sum + size, 0)).toBe(25);
  });

  it('in time: what is latest for the end, and nothing of the same time in two parts', () => {
    const times = Float64Array.from(inOrder(20), (i) => Math.floor(i / 4));
    const parts = split({ count: 20, times }, { by: 'time' });
    expect(parts).toEqual({ train: inOrder(12), val: [12, 13, 14, 15], test: [16, 17, 18, 19] });
  });

  it('as a column says, whatever the shares', () => {
    const told = Uint8Array.from([0, 1, 2, 0, 1]);
    expect(split({ count: 5, told }, { by: 'column' })).toEqual({ train: [0, 3], val: [1, 4], test: [2] });
    const without = Uint8Array.from([0, 1, 0]);
    expect(split({ count: 3, told: without }, { by: 'column' }).test).toEqual([]);
  });

  it.each<[string, Records, Partial<SplitOptions>]>([
    [
      'of the 4 rows of t.csv split.val 0.1 and split.test 0.1 leave none to choose the best epoch with and none to test on',
      { count: 4 },
      {},
    ],
    ['of the 4 rows of t.csv split.val 0.99 leaves none to train on', { count: 4 }, { val: 0.99, test: 0 }],
    [
      'of the 3 rows of t.csv the column of split.column leaves none to choose the best epoch with',
      { count: 3, told: Uint8Array.from([0, 0, 2]) },
      { by: 'column' },
    ],
    [
      'of the 3 rows of t.csv split.val 0.1 and split.test 0.4 leave none to train on and none to choose the best epoch with',
      { count: 3, times: Float64Array.from([1, 1, 1]) },
      { by: 'time', test: 0.4 },
    ],
    [
      'split.stratify and split.group exclude one another: a group may have samples of several classes',
      { count: 4, groups: Int32Array.from([0, 0, 1, 1]), classes: Int32Array.from([0, 1, 0, 1]) },
      { stratify: true },
    ],
  ])('unless they cannot be: %s', (message, records, options) => {
    expect(() => split(records, options)).toThrow(message);
  });
});
