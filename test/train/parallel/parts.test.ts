import { describe, expect, it } from 'vitest';
import { cutPart, ownParts, partSizes } from '../../../src/train/parallel/parts.js';
import { loaderOf, tinyDataset } from '../../helpers/data.js';

describe('parts of a batch', () => {
  const batch = loaderOf(tinyDataset(10), { batchSize: 10 }).epoch(0).next().value!;

  it('are the whole, in order, each with a number of its own', () => {
    const parts = [0, 1, 2, 3].map((part) => cutPart(batch, part, 4)!);
    expect(parts.map(({ size }) => size)).toEqual([2, 3, 2, 3]);
    expect(parts.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(parts.flatMap(({ targets }) => [...targets])).toEqual([...batch.targets]);
    expect(parts.flatMap(({ inputs }) => [...inputs])).toEqual([...batch.inputs]);
    expect(parts.flatMap(({ bytes }) => [...bytes!])).toEqual([...batch.bytes!]);
    expect(partSizes(10, [0, 1, 2, 3], 4)).toEqual([2, 3]);
  });

  it('are none where samples are too few', () => {
    const small = loaderOf(tinyDataset(2), { batchSize: 4 }).epoch(0).next().value!;
    expect([0, 1, 2, 3].map((part) => cutPart(small, part, 4)?.size ?? 0)).toEqual([0, 1, 0, 1]);
    expect(partSizes(2, [0, 2], 4)).toEqual([]);
  });

  it('are shared out in order', () => {
    expect([0, 1].map((rank) => ownParts({ rank, size: 2, parts: 4 }))).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });
});
