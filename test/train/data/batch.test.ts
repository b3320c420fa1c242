import { describe, expect, it } from 'vitest';
import { type Dataset, inMemory } from '../../../src/train/data/dataset.js';
import { DataLoader, type LoaderOptions } from '../../../src/train/data/loader.js';
import { countingDataset } from './helpers.js';

const PLAIN: LoaderOptions = { batchSize: 2, shuffle: false, dropLast: false, seed: 0, transforms: {} };

/** Rows of two features, each with two real values. */
const rows = (records: number): Dataset => ({
  identity: { name: 'rows', split: 'train', source: 'memory', records, sha256: '' },
  spec: {
    name: 'rows',
    input: { kind: 'features', features: 2 },
    target: { kind: 'value', names: ['a', 'b'] },
  },
  inputs: Float32Array.from({ length: records * 2 }, (_, i) => i / 2),
  targets: Float32Array.from({ length: records * 2 }, (_, i) => -i / 2),
});

describe('batches of features', () => {
  it('are floats as they are, with real values, and no bytes', () => {
    const batches = [...new DataLoader(rows(3), PLAIN).epoch(0)];
    const told = batches.map(({ epoch, index, size, shape, inputs, bytes, targets, rows: lie }) => ({
      ...{ epoch, index, size, shape, inputs, targets, ...(bytes && { bytes }) },
      records: [...lie!.records],
    }));
    expect(told).toEqual([
      {
        ...{ epoch: 0, index: 0, size: 2, shape: [2], records: [0, 1] },
        ...{ inputs: Float32Array.of(0, 0.5, 1, 1.5), targets: Float32Array.of(-0, -0.5, -1, -1.5) },
      },
      {
        ...{ epoch: 0, index: 1, size: 1, shape: [2], records: [2] },
        ...{ inputs: Float32Array.of(2, 2.5), targets: Float32Array.of(-2, -2.5) },
      },
    ]);
  });

  it('keep a row and its values together in every order', () => {
    const loader = new DataLoader(rows(7), { ...PLAIN, shuffle: true, limit: 6 });
    const found = [...loader.epoch(1)].flatMap(({ inputs, targets }) => {
      expect([...targets].map((value) => -value)).toEqual([...inputs]);
      return [...inputs];
    });
    expect(found).not.toEqual([...found].sort((a, b) => a - b));
    expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i / 2));
  });

  it('are touched by no scaling of pixels', () => {
    const [first] = new DataLoader(rows(2), { ...PLAIN, transforms: { scale: true } }).epoch(0);
    expect([...first!.inputs]).toEqual([0, 0.5, 1, 1.5]);
  });

  it.each([
    [{ randomCrop: { padding: 1 } }, 'randomCrop: rows has features, and this is for images'],
    [{ randomFlip: { p: 0.5 } }, 'randomFlip: rows has features, and this is for images'],
    [{ normalize: { mean: [0], std: [1] } }, 'normalize: rows has features, and this is for images'],
  ])('are refused with %j', (transforms, message) => {
    expect(() => new DataLoader(rows(2), { ...PLAIN, transforms })).toThrow(message);
  });

  it('cannot be bytes, nor images floats', () => {
    const bytes = { ...rows(2), inputs: new Uint8Array(4) };
    expect(() => new DataLoader(bytes, PLAIN)).toThrow('rows: features cannot be bytes.');
    const images = countingDataset(2);
    const floats = { ...images, inputs: Float32Array.from(inMemory(images)) };
    expect(() => new DataLoader(floats, PLAIN)).toThrow('counting: images cannot be floats.');
  });

  it('are called rows where there are too few', () => {
    expect(() => new DataLoader(rows(1), { ...PLAIN, dropLast: true })).toThrow('1 rows, batches of 2');
  });
});
