import { describe, expect, it } from 'vitest';
import { worstImages } from '../../../../src/runs/report/sections/mistakes.js';

describe('worstImages', () => {
  it('finds what is wrong, the greatest loss first, the first image first among equals', () => {
    const found = worstImages(
      { targets: [0, 0, 0, 0, 0], predicted: [1, 0, 1, 2, 1], losses: [2, 9, 3, 2, 1] },
      3,
    );
    expect(found).toEqual([2, 0, 3]);
  });

  it('leaves out images that do not count, and takes an infinite loss', () => {
    const losses = [Number.NaN, 1, Number.POSITIVE_INFINITY];
    expect(worstImages({ targets: [0, 0, 0], predicted: [1, 1, 1], losses }, 5)).toEqual([2, 1]);
  });
});
