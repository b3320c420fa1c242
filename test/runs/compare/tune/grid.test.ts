import { describe, expect, it } from 'vitest';
import {
  around,
  beside,
  between,
  beyond,
  type GridAxis,
  type Point,
  pointsOf,
} from '../../../../src/runs/compare/tune/grid.js';

const LR: GridAxis = { key: 'optimizer.lr', scale: 'log', values: [0.01, 0.1, 1], usual: 0.1 };
const MOMENTUM: GridAxis = { key: 'optimizer.momentum', scale: 'list', values: [0, 0.9], usual: 0 };

describe('values', () => {
  it('lie around the usual one, two decades down and up', () => {
    expect(around(0.01)).toEqual([0.0001, 0.000316, 0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316, 1]);
    expect(around(0.0123)[4]).toBe(0.0123);
  });

  it('divide a range by equal factors, ends included', () => {
    expect(between(1e-5, 10)).toHaveLength(13);
    expect(between(0.1, 10)).toEqual([0.1, 0.316, 1, 3.16, 10]);
    expect(between(0.01, 0.02)).toEqual([0.01, 0.0141, 0.02]);
    expect(between(1e-300, 1e300)).toHaveLength(25);
    expect(between(1e-300, 1e300)[12]).toBe(1);
    const narrow = between(0.01, 0.01001);
    expect([narrow.length, new Set(narrow).size, narrow[0], narrow[2]]).toEqual([3, 3, 0.01, 0.01001]);
  });

  it('are combined, the last key fastest', () => {
    expect(pointsOf([{ ...LR, values: [0.1, 1] }, MOMENTUM])).toEqual([
      [0.1, 0],
      [0.1, 0.9],
      [1, 0],
      [1, 0.9],
    ]);
  });
});

describe('beyond', () => {
  const tried: Point[] = [[0.01], [0.1], [1]];

  it('goes on by the factor of the last step, on either side', () => {
    expect(beyond([1], tried, [LR])).toEqual([10]);
    expect(beyond([0.01], tried, [LR])).toEqual([0.001]);
  });

  it('is nowhere from within, or from the end of a list', () => {
    expect(beyond([0.1], tried, [LR])).toBeNull();
    expect(beyond([0.9], [[0], [0.9]], [MOMENTUM])).toBeNull();
  });

  it('is rounded as the grid is, back to powers of ten', () => {
    expect(beyond([1], [[0.316], [1]], [LR])).toEqual([3.16]);
    expect(beyond([3.16], [[1], [3.16]], [LR])).toEqual([10]);
  });

  it('goes by the line of the best point, not by how far another one has grown', () => {
    const decay: GridAxis = {
      key: 'optimizer.weight_decay',
      scale: 'log',
      values: [1e-4, 1e-3, 1e-2],
      usual: 1e-3,
    };
    const points = [...pointsOf([LR, decay]), [10, 1e-4]];
    expect(beyond([1, 1e-3], points, [LR, decay])).toEqual([10, 1e-3]);
    // Where the point beyond one edge is there, the other edge counts.
    expect(beyond([10, 1e-4], points, [LR, decay])).toEqual([100, 1e-4]);
    expect(beyond([0.1, 1e-4], points, [LR, decay])).toEqual([0.1, 1e-5]);
    expect(beyond([10, 1e-4], [...points, [100, 1e-4]], [LR, decay])).toEqual([10, 1e-5]);
  });

  it('leaves the other values as the best point has them', () => {
    const points = pointsOf([LR, MOMENTUM]);
    expect(beyond([1, 0.9], points, [LR, MOMENTUM])).toEqual([10, 0.9]);
  });
});

describe('beside', () => {
  const tried: Point[] = [[0.01], [0.1], [1]];
  const order =
    (...best: number[]) =>
    (a: Point, b: Point) =>
      best.indexOf(a[0] as number) < best.indexOf(b[0] as number);

  it('lies halfway to the better neighbour, then to the other', () => {
    expect(beside([0.1], tried, [LR], order(0.1, 1, 0.01))).toEqual([0.316]);
    expect(beside([0.1], tried, [LR], order(0.1, 0.01, 1))).toEqual([0.0316]);
    expect(beside([0.1], [...tried, [0.316]], [LR], order(0.1, 0.316, 0.01, 1))).toEqual([0.178]);
  });

  it('is nowhere where only lists are tried', () => {
    expect(beside([0.9], [[0], [0.9]], [MOMENTUM], () => true)).toBeNull();
  });
});
