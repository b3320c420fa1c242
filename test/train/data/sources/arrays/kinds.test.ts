import { describe, expect, it } from 'vitest';
import { inMemory } from '../../../../../src/train/data/dataset.js';
import type { ArraysOptions } from '../../../../../src/train/data/sources/arrays/index.js';
import { expectWithin } from '../../../../helpers/margin.js';
import { arraysOf, bytesOf, npy, npz, RECORDED, refusal } from './helpers.js';

const count = (length: number, value: (i: number) => number) => Array.from({ length }, (_, i) => value(i));
const Y = npy(Uint8Array.of(0, 1, 1, 0));
const X = npy(Float32Array.from(count(8, (i) => i)), [4, 2]);
/** Four images of 2 x 2 pixels and 3 channels, channels last. */
const PIXELS = count(48, (i) => i * 5);
const LAST = npy(Uint8Array.from(PIXELS), [4, 2, 2, 3]);
const first = (values: readonly number[]) =>
  count(48, (i) => values[Math.floor(i / 12) * 12 + (i % 4) * 3 + (Math.floor(i / 4) % 3)]!);

/** Data whose samples are all trained on, in their order. */
const inOrder = (files: Record<string, Buffer>, options: Partial<ArraysOptions> = {}) => {
  const content = npz(files);
  return arraysOf({ 'data.npz': content, 'e.npz': content }, { eval: 'e.npz', ...options });
};
const inputsOf = async (files: Record<string, Buffer>, options: Partial<ArraysOptions> = {}) =>
  inMemory((await inOrder(files, options).load()).train);

describe('inputs', () => {
  it('of two dimensions are features', async () => {
    const source = inOrder({ inputs: X, targets: Y });
    expect(source.spec).toEqual({
      name: 'data.npz',
      input: { kind: 'features', features: 2 },
      target: { kind: 'class', names: ['0', '1'] },
      hasTest: false,
    });
    expect([...(await inputsOf({ inputs: X, targets: Y }))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('of bytes of three or four dimensions are images, channels last wherever they were', async () => {
    for (const image of [LAST, npy(Uint8Array.from(first(PIXELS)), [4, 3, 2, 2])]) {
      const source = inOrder({ inputs: image, targets: Y });
      expect(source.spec.input).toEqual({ kind: 'image', channels: 3, height: 2, width: 2 });
      expect([...(await inputsOf({ inputs: image, targets: Y }))]).toEqual(PIXELS);
    }
    const grey = npy(Uint8Array.from(PIXELS), [4, 3, 4]);
    expect(inOrder({ inputs: grey, targets: Y }).spec.input).toEqual({
      ...{ kind: 'image', channels: 1, height: 3, width: 4 },
    });
  });

  it.each([
    [
      'float32 from 0 to 1',
      npy(
        Float32Array.from(PIXELS, (byte) => byte / 255),
        [4, 2, 2, 3],
      ),
    ],
    [
      'float64 from 0 to 1',
      npy(
        Float64Array.from(PIXELS, (byte) => byte / 255),
        [4, 2, 2, 3],
      ),
    ],
    ['float32 that is whole', npy(Float32Array.from(PIXELS), [4, 2, 2, 3])],
    ['int64', npy(BigInt64Array.from(PIXELS, BigInt), [4, 2, 2, 3])],
    [
      'float32 times the inverse of 255',
      npy(
        Float32Array.from(PIXELS, (byte) => byte * Math.fround(1 / 255)),
        [4, 2, 2, 3],
      ),
    ],
  ])('of bytes as %s are the same images', async (_, inputs) => {
    expect([...(await inputsOf({ inputs, targets: Y }))]).toEqual(PIXELS);
  });

  it('are flattened where that is told', async () => {
    const source = inOrder({ inputs: LAST, targets: Y }, { flatten: true });
    expect(source.spec.input).toEqual({ kind: 'features', features: 12 });
    const single = npy(Float32Array.of(1, 2, 3, 4));
    expect(inOrder({ inputs: single, targets: Y }, { flatten: true }).spec.input).toEqual({
      ...{ kind: 'features', features: 1 },
    });
  });

  it('are standardised as scikit-learn does, by the training part, which is kept with the run', async () => {
    const { file, standardized } = RECORDED.table;
    const targets = npy(Int32Array.from(count(20, (i) => i % 2)));
    const source = inOrder({ inputs: bytesOf(file), targets }, { standardize: true });
    const { train, preprocessing } = await source.load();
    const off = inMemory(train).map((value, i) => Math.abs(value - standardized[i]!));
    expectWithin(Math.max(...off), 1e-6, 'distance from StandardScaler');
    expect(preprocessing!.inputs).toHaveLength(3);
    expect(preprocessing!.inputs![2]).toEqual({ column: '2', kind: 'number', fill: 0, mean: 5, std: 1 });
  });

  it('are each standardised by its own, however many', async () => {
    const many = npy(
      Float64Array.from({ length: 4 * 37 }, (_, i) => (i % 37) * (1 + Math.floor(i / 37))),
      [4, 37],
    );
    const { preprocessing } = await inOrder({ inputs: many, targets: Y }, { standardize: true }).load();
    const means = preprocessing!.inputs!.map((input) => (input.kind === 'number' ? input.mean : null));
    expect(means).toEqual(count(37, (k) => k * 2.5));
  });

  it.each<[string, Record<string, Buffer>, Partial<ArraysOptions>, string]>([
    [
      'of one dimension',
      { inputs: npy(Float32Array.of(1, 2, 3, 4)), targets: Y },
      {},
      'inputs: data.npz: inputs has the shape (4,): inputs are [n, features], or images [n, height, width], [n, height, width, channels] or [n, channels, height, width] → reshape it: x.reshape(-1, 1), or take all values of a sample as features: flatten: true',
    ],
    [
      'with nothing in them',
      { inputs: npy(new Float32Array(), [0, 2]), targets: Y },
      {},
      'inputs: data.npz: inputs has the shape (0, 2): there are no values',
    ],
    [
      'that are not finite',
      { inputs: npy(Float32Array.of(1, 2, 3, Number.NaN, 5, 6, Infinity, 8), [4, 2]), targets: Y },
      {},
      'inputs: data.npz: inputs has NaN at [1, 1], and 1 more such value: inputs must be finite → leave such samples out',
    ],
    [
      'that float32 cannot hold',
      { inputs: npy(Float64Array.of(1, 2, 3, 1e300, 5, 6, 7, 8), [4, 2]), targets: Y },
      {},
      'inputs: data.npz: inputs has 1e+300 at [1, 1], more than float32 can hold',
    ],
    [
      'with channels on both ends',
      { inputs: npy(new Uint8Array(36), [4, 3, 1, 3]), targets: Y },
      {},
      'imageOrder: data.npz: inputs has the shape (4, 3, 1, 3): the channels may be on both ends → say which: image_order: channels_first (PyTorch) or channels_last',
    ],
    [
      'with channels on no end',
      { inputs: npy(new Uint8Array(64), [4, 4, 2, 2]), targets: Y },
      {},
      'the channels may be on either end, as none of them is 1 or 3',
    ],
    [
      'whose order is told for nothing',
      { inputs: X, targets: Y },
      { imageOrder: 'channels_last' },
      'imageOrder: data.npz: inputs has the shape (4, 2): image_order is of images with channels',
    ],
    [
      'of floats that are no bytes',
      {
        inputs: npy(
          Float32Array.from(PIXELS, (byte) => byte / 250),
          [4, 2, 2, 3],
        ),
        targets: Y,
      },
      {},
      'inputs: data.npz: inputs (float32) has 0.0',
    ],
    [
      'that are normalised',
      {
        inputs: npy(
          Float32Array.from(PIXELS, (byte) => byte / 64 - 1),
          [4, 2, 2, 3],
        ),
        targets: Y,
      },
      {},
      'inputs: data.npz: inputs (float32) has -1 at [0, 0, 0, 0]: images must be bytes, 0 to 255 → save bytes, before they are normalised',
    ],
    [
      'of integers of 0 and 1',
      {
        inputs: npy(
          Int32Array.from(PIXELS, (byte) => byte % 2),
          [4, 2, 2, 3],
        ),
        targets: Y,
      },
      {},
      'has no value above 1, as int32',
    ],
    [
      'of other numbers',
      { inputs: X, targets: npy(Uint8Array.of(0, 1, 1)) },
      {},
      'targets: data.npz: inputs has 4 samples, and data.npz: targets has 3 → each input needs its target, in the same order',
    ],
  ])('%s are refused', (_, files, options, message) => {
    expect(refusal(inOrder(files, options))).toContain(message);
  });

  it('of bytes that are only 0 and 1 are warned of', async () => {
    const dark = npy(
      Uint8Array.from(PIXELS, (_, i) => i % 2),
      [4, 2, 2, 3],
    );
    const { warnings } = await inOrder({ inputs: dark, targets: Y }).load();
    expect(warnings).toEqual([expect.stringContaining('no pixel is above 1 of 255')]);
  });
});

describe('targets', () => {
  const kindOf = (targets: Buffer, options: Partial<ArraysOptions> = {}) =>
    inOrder({ inputs: X, targets }, options).spec.target;

  it('of whole numbers are classes, in their order, and named by them', async () => {
    const source = inOrder({ inputs: X, targets: npy(Int32Array.of(7, -1, 7, 3), [4, 1]) });
    expect(source.spec.target).toEqual({ kind: 'class', names: ['-1', '3', '7'] });
    expect([...(await source.load()).train.targets]).toEqual([2, 0, 2, 1]);
    expect(kindOf(Y, { classes: ['no', 'yes', 'maybe'] })).toEqual({
      kind: 'class',
      names: ['no', 'yes', 'maybe'],
    });
    expect(kindOf(npy(Float32Array.of(0, 1, 1, 0)))).toEqual({ kind: 'class', names: ['0', '1'] });
  });

  it('that are one-hot are classes', async () => {
    const targets = npy(Float32Array.of(0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1), [4, 3]);
    expect(kindOf(targets)).toEqual({ kind: 'class', names: ['0', '1', '2'] });
    const { train, notes } = await inOrder({ inputs: X, targets }).load();
    expect([...train.targets]).toEqual([2, 0, 1, 2]);
    expect(notes![0]).toContain('targets: class of 3 (0, 1, 2), one-hot');
  });

  it('that are none of these are numbers, standardised if asked', async () => {
    const targets = npy(Float64Array.of(1.5, 2, 3, 3.5));
    expect(kindOf(targets)).toEqual({ kind: 'value', names: ['targets'], mean: [2.5], std: null });
    const two = npy(Float32Array.of(1, 9, 3, 9, 1, 9, 3, 9), [4, 2]);
    const options = { standardize: true, values: ['a', 'b'], wanted: 'number' } as const;
    expect(kindOf(two, options)).toEqual({ kind: 'value', names: ['a', 'b'], mean: [2, 9], std: [1, 1] });
    const { train } = await inOrder({ inputs: X, targets: two }, options).load();
    expect([...train.targets]).toEqual([-1, 0, 1, 0, -1, 0, 1, 0]);
    expect(kindOf(npy(Float32Array.of(0, 1, 1, 0)), { wanted: 'number' }).kind).toBe('value');
    expect(kindOf(Y, { targetType: 'number' }).kind).toBe('value');
    expect(kindOf(two, { wanted: 'number' }).names).toEqual(['targets[0]', 'targets[1]']);
  });

  it.each<[string, Buffer, Partial<ArraysOptions>, string]>([
    [
      'could be both',
      Y,
      { wanted: 'number' },
      'targetType: data.npz: targets (uint8) has 2 different whole numbers (0, 1): they may be classes, or numbers → say which: target_type: class, or target_type: number',
    ],
    [
      'could be one-hot',
      npy(Uint8Array.of(0, 1, 1, 0, 0, 1, 1, 0), [4, 2]),
      { wanted: 'number' },
      'targetType: data.npz: targets has a single 1 in each row: they may be classes (one-hot), or 2 numbers',
    ],
    [
      'are told to be one-hot',
      npy(Uint8Array.of(0, 1, 1, 1, 0, 1, 1, 0), [4, 2]),
      { targetType: 'class' },
      'targets: data.npz: targets has [1, 1] as row 1: classes of this shape have a single 1 in each row',
    ],
    [
      'are told to be classes',
      npy(Float32Array.of(0, 1.5, 1, 0)),
      { targetType: 'class' },
      'targets: data.npz: targets has 1.5 at [1]: classes are whole numbers',
    ],
    [
      'are one class',
      npy(Uint8Array.of(3, 3, 3, 3)),
      {},
      'has only one class, 3 → there must be two classes or more to tell apart; name them',
    ],
    [
      'have more classes than names',
      npy(Uint8Array.of(0, 2, 5, 1)),
      { classes: ['a', 'b'] },
      'classes: classes has 2 names, of the numbers 0 to 1, and data.npz: targets has 2, 5',
    ],
    [
      'are numbers with names of classes',
      npy(Float32Array.of(0, 0.5, 1, 2)),
      { classes: ['a', 'b'], targetType: 'number' },
      'classes: classes has names, and the targets are numbers → leave classes out, or say what the targets are: target_type: class',
    ],
    [
      'are classes with names of values',
      Y,
      { values: ['a'], targetType: 'class' },
      'values: values has names, and the targets are classes',
    ],
    [
      'are more values than names',
      npy(Float32Array.of(0, 0.5, 1, 2)),
      { values: ['a', 'b'] },
      'values: values has 2 names, and data.npz: targets has 1 values',
    ],
    [
      'are not finite',
      npy(Float32Array.of(0, 0.5, Number.POSITIVE_INFINITY, 2)),
      {},
      'targets: data.npz: targets has Infinity at [2]: targets must be finite',
    ],
    [
      'are of three dimensions',
      npy(new Uint8Array(4), [4, 1, 1]),
      {},
      'targets: data.npz: targets has the shape (4, 1, 1): targets are [n] or [n, 1]; [n, classes], one-hot; or [n, values]',
    ],
    ['have a name twice', Y, { classes: ['a', 'a'] }, 'classes: classes has `a` twice'],
    ['have one name', Y, { classes: ['a'] }, 'classes: classes has only one name, `a`'],
  ])('that %s are refused', (_, targets, options, message) => {
    expect(refusal(inOrder({ inputs: X, targets }, options))).toContain(message);
  });
});
