import { describe, expect, it } from 'vitest';
import type { CsvOptions } from '../../../../../src/train/data/sources/csv/index.js';
import { refusal, rowsOf, tableOf } from './helpers.js';

const line = (i: number) => `${i},${i % 4 === 0 ? 'rare' : 'common'}`;
const table = (rows: readonly number[]) => `x,y\n${rows.map(line).join('\n')}\n`;
const inOrder = (count: number) => Array.from({ length: count }, (_, i) => i);
const by = (how: 'hash' | 'random', val = 0.2, seed = 0, stratify = false): Partial<CsvOptions> => ({
  split: { val, test: 0, by: how, column: null, group: null, seed, stratify },
});
const heldOut = async (rows: readonly number[], options: Partial<CsvOptions>) =>
  (await rowsOf(tableOf(table(rows), options), 'eval')).map(([x]) => x!);

describe('rows that are held out', () => {
  it('by hash are about as many as asked for, and stay what they are when rows are added or moved', async () => {
    const few = await heldOut(inOrder(400), by('hash'));
    expect(few.length).toBeGreaterThan(60);
    expect(few.length).toBeLessThan(100);
    const more = await heldOut([...inOrder(1000)].reverse(), by('hash'));
    expect(more.filter((x) => x < 400).reverse()).toEqual(few);
  });

  it('by hash are those that are alike together', async () => {
    const twice = [...inOrder(50), ...inOrder(50)];
    const found = await heldOut(twice, by('hash'));
    expect(found.slice(0, found.length / 2)).toEqual(found.slice(found.length / 2));
  });

  it('by lot are as many as asked for, in the order of the table', async () => {
    const found = await heldOut(inOrder(50), by('random'));
    expect(found).toHaveLength(10);
    expect(found).toEqual([...found].sort((a, b) => a - b));
  });

  it.each(['hash', 'random'] as const)(
    'by %s are others with another seed, and the rest is trained on',
    async (how) => {
      const first = await heldOut(inOrder(60), by(how));
      expect(await heldOut(inOrder(60), by(how))).toEqual(first);
      expect(await heldOut(inOrder(60), by(how, 0.2, 1))).not.toEqual(first);
      const train = (await rowsOf(tableOf(table(inOrder(60)), by(how)))).map(([x]) => x!);
      expect([...train, ...first].sort((a, b) => a - b)).toEqual(inOrder(60));
    },
  );

  it('have the classes of the whole, if they are to', async () => {
    for (const seed of inOrder(5)) {
      const rows = await rowsOf(tableOf(table(inOrder(40)), by('random', 0.2, seed, true)), 'eval');
      expect(rows.filter(([, target]) => target === 1)).toHaveLength(2);
      expect(rows).toHaveLength(8);
    }
  });

  it('are a part of their own on record', async () => {
    const { train, eval: evaluation } = await tableOf(table(inOrder(20)), by('random')).load();
    expect([train.identity.split, evaluation.identity.split]).toEqual(['train', 'val']);
    expect(train.identity.sha256).not.toBe(evaluation.identity.sha256);
  });

  it.each<[string, Partial<CsvOptions>, readonly number[]]>([
    [
      'of the 2 rows of t.csv split.val 0.01 leaves none to choose the best epoch with → set other shares',
      by('random', 0.01),
      [0, 1],
    ],
    [
      'of the 2 rows of t.csv split.val 0.99 leaves none to train on → set other shares',
      by('random', 0.99),
      [0, 1],
    ],
    [
      'split.stratify shares classes out exactly, and split.by hash does not → set split.by to random, or split.stratify to false',
      by('hash', 0.2, 0, true),
      [0, 1],
    ],
    [
      'split.stratify is for classes, and the target is a number → set split.stratify to false',
      { ...by('random', 0.5, 0, true), target: ['x'], columns: { y: 'category' } },
      [0, 1],
    ],
  ])('cannot be: %s', (message, options, rows) => {
    expect(refusal(tableOf(table(rows), options))).toBe(message);
  });

  it('have all their categories known, or it is said', async () => {
    const text = `c,y\n${inOrder(12)
      .map((i) => `k${i},${i % 2}`)
      .join('\n')}\n`;
    const [warning] = (await tableOf(text, by('random', 0.25)).load()).warnings;
    expect(warning).toMatch(
      /column `c` has categories to evaluate on that no training row has: `k\d+`, `k\d+`, `k\d+`/,
    );
  });

  it('may be all there is of a class, and it is said', async () => {
    const text = `x,y\n${inOrder(9)
      .map((i) => `${i},many`)
      .join('\n')}\n9,one\n`;
    const found = await Promise.all(
      inOrder(20).map(async (seed) => (await tableOf(text, by('random', 0.3, seed)).load()).warnings),
    );
    expect(found.flat().map((warning) => warning.replace(/^\S*\//, ''))).toContain(
      't.csv: no training row is of class `one`.',
    );
  });
});
