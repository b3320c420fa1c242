import { describe, expect, it } from 'vitest';
import { type ArraysOptions, fromArrays } from '../../../../../src/train/data/sources/custom/from-arrays.js';

const TWO_ROWS = { inputs: Float32Array.of(1, 2, 3, 4, 5, 6), targets: Float32Array.of(10, 0, 20, 1) };
const TABLE: ArraysOptions = {
  ...{ name: 'table', shape: [3], values: ['a', 'b'] },
  ...{ train: TWO_ROWS, eval: TWO_ROWS },
};

describe('data from arrays', () => {
  it('are features with real values, centred on their training means', async () => {
    const { spec, load } = fromArrays(TABLE);
    expect(spec).toEqual({
      name: 'table',
      input: { kind: 'features', features: 3 },
      target: { kind: 'value', names: ['a', 'b'], mean: [15, 0.5] },
    });
    const { train } = await load();
    expect(train.identity.records).toBe(2);
    expect(train.inputs).toBe(TWO_ROWS.inputs);
  });

  it('are images with classes, or features with classes', () => {
    const bytes = { inputs: new Uint8Array(24), targets: Uint8Array.of(0, 1) };
    const images = fromArrays({
      ...{ name: 'images', shape: [3, 2, 2], classes: ['cat', 'dog'] },
      ...{ train: bytes, eval: bytes },
    });
    expect(images.spec.input).toEqual({ kind: 'image', channels: 3, height: 2, width: 2 });
    const rows = { inputs: TWO_ROWS.inputs, targets: Int32Array.of(1, 0) };
    const features = fromArrays({
      ...{ name: 'rows', shape: [3], classes: ['cat', 'dog'] },
      ...{ train: rows, eval: rows },
    });
    expect(features.spec.target).toEqual({ kind: 'class', names: ['cat', 'dog'] });
  });

  const odd = (value: number) => ({ ...TWO_ROWS, inputs: Float32Array.of(1, 2, 3, 4, value, 6) });
  it.each<[string, Partial<ArraysOptions>]>([
    ['table: give either classes or values, the names of what is to be told.', { classes: ['x'] }],
    ['table: give either classes or values, the names of what is to be told.', { values: [] }],
    [
      'table: 3 numbers are no whole samples of 2 values each.',
      { train: { ...TWO_ROWS, targets: Float32Array.of(1, 2, 3) } },
    ],
    ['table: 2 train samples of 4 have 8 numbers; received 6.', { shape: [4] }],
    ['table: there is no test sample.', { eval: { ...TWO_ROWS, targets: new Float32Array() } }],
    ['table: train sample 1 has the value NaN, which is not finite.', { train: odd(Number.NaN) }],
    [
      'table: test sample 1 has the value Infinity, which is not finite.',
      { eval: odd(Number.POSITIVE_INFINITY) },
    ],
    [
      'table: test sample 1 has the target NaN, which is not finite.',
      { eval: { ...TWO_ROWS, targets: Float32Array.of(1, 2, Number.NaN, 4) } },
    ],
    [
      'table: images are Uint8Array, features Float32Array; received Uint8Array for 3.',
      { train: { inputs: new Uint8Array(6), targets: TWO_ROWS.targets } },
    ],
    [
      'table: images are Uint8Array, features Float32Array; received Float32Array for 3 x 1 x 1.',
      { shape: [3, 1, 1] },
    ],
  ])('%s', (message, changed) => {
    expect(() => fromArrays({ ...TABLE, ...changed })).toThrow(message);
  });

  it('have classes that are there', () => {
    const rows = { inputs: TWO_ROWS.inputs, targets: Float32Array.of(0, 0.5) };
    const { values: _, ...options } = TABLE;
    expect(() => fromArrays({ ...options, classes: ['x'], train: rows, eval: rows })).toThrow(
      'table: train sample 1 is of class 0.5; there are 1, from 0 to 0.',
    );
  });
});
