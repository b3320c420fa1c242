import { describe, expect, it } from 'vitest';
import { partsOf } from '../../../../src/train/engine/graph/parts.js';

/** The first layer of the tutorial's CNN makes so many numbers of an image. */
const LARGEST = 32_768;
const sizes = (size: number, lanes: number, largest = LARGEST) =>
  partsOf(size, lanes, largest).map((part) => part.size);

describe('the parts of a batch', () => {
  it('are the whole batch where one is computed at a time', () => {
    expect(partsOf(256, 1, LARGEST)).toEqual([{ first: 0, size: 256, of: 256 }]);
  });

  it('are as many for each lane, and no larger than fits a cache', () => {
    expect(sizes(64, 2)).toEqual([32, 32]);
    expect(sizes(256, 2)).toEqual(Array(8).fill(32));
    expect(sizes(200, 4)).toEqual(Array(8).fill(25));
    expect(sizes(1024, 2, 256)).toEqual([512, 512]);
    expect(sizes(4, 2, 1e9)).toEqual([1, 1, 1, 1]);
  });

  it('cover every image once, in order, and differ by one at most', () => {
    for (const [size, lanes] of [
      [65, 2],
      [7, 4],
      [3, 4],
      [1, 2],
      [1000, 3],
    ] as const) {
      const parts = partsOf(size, lanes, LARGEST);
      expect(parts.map(({ first }) => first)).toEqual(
        parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part.size, 0)),
      );
      expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(size);
      const own = parts.map((part) => part.size);
      expect(Math.min(...own)).toBeGreaterThan(0);
      expect(Math.max(...own) - Math.min(...own)).toBeLessThanOrEqual(1);
    }
  });
});
