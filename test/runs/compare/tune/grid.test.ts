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
    expect(around(0.01)).toEqual([0.0001, 0.00032, 0.001, 0.0032, 0.01, 0.032, 0.1, 0.32, 1]);
    expect(around(0.0123)[4]).toBe(0.0123);
  });

  it('divide a range by equal factors, ends included', () => {
    expect(between(1e-5, 10)).toHaveLength(13);
    expect(between(0.1, 10)).toEqual([0.1, 0.316, 1, 3.16, 10]);
    expect(between(0.01, 0.02)).toEqual([0.01, 0.0141, 0.02]);
    expect(between(1e-300, 1e300)).toHaveLength(25);
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
    expect(beside([0.1], tried, [LR], order(0.1, 1, 0.01))).toEqual([0.32]);
    expect(beside([0.1], tried, [LR], order(0.1, 0.01, 1))).toEqual([0.032]);
    expect(beside([0.1], [...tried, [0.32]], [LR], order(0.1, 0.32, 0.01, 1))).toEqual([0.18]);
  });

  it('is nowhere where only lists are tried', () => {
    expect(beside([0.9], [[0], [0.9]], [MOMENTUM], () => true)).toBeNull();
  });
});
