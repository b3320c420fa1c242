import { describe, expect, it } from 'vitest';
import {
  downsample,
  hasPoints,
  type Point,
  type Series,
  scaleFor,
  smooth,
} from '../../../src/runs/report/series.js';

const line = (points: readonly Point[]): Series => ({ name: 'a', line: 0, look: 'solid', points });
const wave = Array.from({ length: 5000 }, (_, i): Point => [i, Math.sin(i / 200)]);

describe('downsample', () => {
  it('leaves a short line as it is', () => {
    const points: Point[] = [
      [1, 2],
      [2, null],
    ];
    expect(downsample(points, 4)).toBe(points);
  });

  it('keeps the ends, the extremes and the order within the limit', () => {
    const points = wave.map(([x, y], i): Point => [x, i === 1234 ? 50 : i === 4321 ? -50 : y]);
    const kept = downsample(points, 100);
    expect(kept.length).toBeLessThanOrEqual(100);
    expect(kept.length).toBeGreaterThan(50);
    expect(kept[0]).toEqual(points[0]);
    expect(kept.at(-1)).toEqual(points.at(-1));
    expect(kept).toContainEqual([1234, 50]);
    expect(kept).toContainEqual([4321, -50]);
    expect(kept.map(([x]) => x)).toEqual(kept.map(([x]) => x).sort((a, b) => a - b));
  });

  it('keeps a gap', () => {
    const points = wave.map(([x, y], i): Point => [x, i === 2500 ? null : y]);
    expect(downsample(points, 60)).toContainEqual([2500, null]);
  });

  it('takes points that have no value at all', () => {
    expect(
      downsample(
        Array.from({ length: 100 }, (_, i): Point => [i, null]),
        10,
      ).length,
    ).toBeLessThanOrEqual(10);
  });
});

describe('smooth', () => {
  it('begins at the first value, not at 0, and stays on a constant', () => {
    for (const [, y] of smooth(
      wave.map(([x]): Point => [x, 3]),
      0.9,
    ))
      expect(y).toBeCloseTo(3, 10);
  });

  it('averages as the formula says, and keeps gaps', () => {
    const points: Point[] = [
      [1, 1],
      [2, null],
      [3, 2],
    ];
    expect(smooth(points, 0.5)).toEqual([
      [1, 1],
      [2, null],
      [3, (0.5 * 0.5 + 0.5 * 2) / 0.75],
    ]);
  });
});

describe('scaleFor', () => {
  it.each([
    ['linear', [1, 2, 3]],
    ['log', [0.001, 1, 1e30]],
    ['linear', [0, 1, 1e30]],
    ['linear', []],
  ])('is %s for %j', (scale, values) => {
    expect(scaleFor([line(values.map((y, x): Point => [x, y]))], 100)).toBe(scale);
  });
});

it('hasPoints: a line of gaps is nothing to draw', () => {
  expect(hasPoints({ series: [line([[1, null]])] })).toBe(false);
  expect(hasPoints({ series: [line([]), line([[1, 0]])] })).toBe(true);
});
