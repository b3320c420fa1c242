import { describe, expect, it } from 'vitest';
import { inMemory } from '../../../../../src/train/data/dataset.js';
import type { ArraysOptions } from '../../../../../src/train/data/sources/arrays/index.js';
import { arraysOf, npy, npz, refusal } from './helpers.js';

const rows = (count: number, from = 0) =>
  npy(
    Float32Array.from({ length: count * 2 }, (_, i) => from + i),
    [count, 2],
  );
const classes = (count: number) => npy(Uint8Array.from({ length: count }, (_, i) => i % 2));
const pair = (count: number, from = 0) => ({ inputs: rows(count, from), targets: classes(count) });
const HASH: ArraysOptions['split'] = { val: 0.2, test: 0.2, by: 'hash', seed: 0, stratify: false };

/** The first number of each sample, by part. */
async function firsts(source: ReturnType<typeof arraysOf>) {
  const { train, eval: held, test } = await source.load();
  const of = (part: typeof train | undefined) =>
    part ? [...inMemory(part)].filter((_, i) => i % 2 === 0) : [];
  return { train: of(train), val: of(held), test: of(test) };
}

describe('parts of arrays', () => {
  it('are held out by the values of a sample, whatever is added and whatever type they have', async () => {
    const few = await firsts(arraysOf({ 'data.npz': npz(pair(100)) }, { split: HASH }));
    const more = await firsts(arraysOf({ 'data.npz': npz(pair(150)) }, { split: HASH }));
    for (const part of ['train', 'val', 'test'] as const) {
      expect(few[part].length).toBeGreaterThan(9);
      expect(more[part]).toEqual(expect.arrayContaining(few[part]));
    }
    const doubles = npy(
      Float64Array.from({ length: 200 }, (_, i) => i),
      [100, 2],
    );
    const other = arraysOf({ 'data.npz': npz({ ...pair(100), inputs: doubles }) }, { split: HASH });
    expect(await firsts(other)).toEqual(few);
  });

  it('are held out by lot with the same share of each class', async () => {
    const split = { ...HASH, by: 'random', stratify: true } as const;
    const { train, eval: held, test } = await arraysOf({ 'data.npz': npz(pair(100)) }, { split }).load();
    const ones = [train, held, test!].map(
      ({ targets }) => [...targets].filter((value) => value === 1).length,
    );
    expect(ones).toEqual([30, 10, 10]);
    expect([train, held, test!].map(({ identity }) => identity.split)).toEqual(['train', 'val', 'test']);
  });

  it('are files of their own, with the same names', async () => {
    const files = { 'data.npz': npz(pair(8)), 'e.npz': npz(pair(4, 100)), 't.npz': npz(pair(4, 200)) };
    const source = arraysOf(files, { eval: 'e.npz', test: 't.npz' });
    expect(await firsts(source)).toEqual({
      train: [0, 2, 4, 6, 8, 10, 12, 14],
      val: [100, 102, 104, 106],
      test: [200, 202, 204, 206],
    });
    expect(source.spec.hasTest).toBe(true);
    const { train, test } = await source.load();
    expect(train.nameOf!(3)).toMatch(/data\.npz, sample 3$/);
    expect(test!.nameOf!(1)).toMatch(/t\.npz, sample 1$/);
  });

  it('are other arrays of the same file, as Keras has them, found and said', async () => {
    const files = {
      ...{ x_train: rows(8), y_train: classes(8), x_test: rows(4, 50), y_test: classes(4) },
    };
    const test = { inputs: 'x_test', targets: 'y_test' };
    const source = arraysOf({ 'data.npz': npz(files) }, { test });
    const parts = await firsts(source);
    expect([parts.train.length, parts.val.length]).toEqual([6, 2]);
    expect(parts.test).toEqual([50, 52, 54, 56]);
    const { notes } = await source.load();
    expect(notes!.map((note) => note.replace(/\/\S*\//g, ''))).toEqual([
      'data.npz, 6 samples to train on, 2 to choose with, 4 for the end; taken for: x_train: 2 features (float32); y_train: class of 2 (0, 1)',
    ]);
    const without = await arraysOf({ 'data.npz': npz(files) }).load();
    expect(without.notes![1]).toMatch(/data\.npz has arrays that are not used: x_test, y_test$/);
  });

  it('are pairs of .npy files', async () => {
    const files = { 'x.npy': rows(8), 'y.npy': classes(8), 'xt.npy': rows(2, 50), 'yt.npy': classes(2) };
    const test = { inputs: 'xt.npy', targets: 'yt.npy' };
    const source = arraysOf(files, { inputs: 'x.npy', targets: 'y.npy', test });
    expect((await firsts(source)).test).toEqual([50, 52]);
    expect(source.spec.name).toBe('x.npy');
  });

  it('are recalled as they were', async () => {
    const source = arraysOf({ 'data.npz': npz(pair(100)) }, { split: HASH });
    const { train, eval: held, test } = await source.load();
    for (const part of [train, held, test!]) {
      expect((await source.recall(part.identity, [])).identity).toEqual(part.identity);
    }
  });

  it('may be images that are held out', async () => {
    const inputs = npy(
      Uint8Array.from({ length: 160 }, (_, i) => i),
      [40, 2, 2],
    );
    const source = arraysOf({ 'data.npz': npz({ inputs, targets: classes(40) }) }, { split: HASH });
    const { train, eval: held, test } = await source.load();
    const all = [train, held, test!].flatMap((part) => [...inMemory(part)]);
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 160 }, (_, i) => i));
  });

  it.each<[string, Record<string, Buffer>, Partial<ArraysOptions>, string]>([
    [
      'of another shape',
      { 'e.npz': npz({ inputs: npy(new Float32Array(6), [2, 3]), targets: classes(2) }) },
      { eval: 'e.npz' },
      'eval.inputs: e.npz: inputs has the shape (2, 3), and data.npz: inputs, which is trained on, (8, 2)',
    ],
    [
      'with other classes',
      { 'e.npz': npz({ inputs: rows(2), targets: npy(Uint8Array.of(0, 5)) }) },
      { test: 'e.npz' },
      'test.targets: e.npz: targets has the class 5 at [1], which the samples to train on have not: 0, 1',
    ],
    ['without names', {}, { test: {} }, 'test: test names neither a file nor arrays'],
    [
      'with half of the names',
      {},
      { test: { inputs: 'x' } },
      'test.targets: test names no targets → name both arrays of data.npz',
    ],
    [
      'of a name that is not there',
      {},
      { test: { inputs: 'x', targets: 'y' } },
      'test.inputs: data.npz has no array `x`',
    ],
    ['in a file that is not there', {}, { eval: 'no.npz' }, 'eval: there is no file no.npz'],
    [
      'of one array',
      { 'x.npy': rows(2) },
      { eval: 'x.npy' },
      'eval: x.npy is an .npy file, which holds one array → name two such files: eval: { inputs: x.npy, targets: y.npy }',
    ],
    [
      'that would be empty',
      {},
      { split: { ...HASH, by: 'random', val: 0.01 } },
      'split: of the 8 rows of data.npz split.val 0.01 and split.test 0.2 leave none to choose the best epoch with',
    ],
  ])('%s are refused', (_, files, options, message) => {
    expect(refusal(arraysOf({ 'data.npz': npz(pair(8)), ...files }, options))).toContain(message);
  });

  it('whose names could be several are refused', () => {
    const both = npz({ x: rows(2), X: rows(2), y: classes(2) });
    expect(refusal(arraysOf({ 'data.npz': both }))).toBe(
      'inputs: data.npz has several arrays that may be the inputs: x, X → say which: inputs: x',
    );
    expect(refusal(arraysOf({ 'data.npz': npz({ a: rows(2), b: classes(2) }) }))).toContain(
      'inputs: data.npz has no array inputs, nor x, X, images, data, x_train, X_train → say which are the inputs: inputs: a',
    );
  });
});
