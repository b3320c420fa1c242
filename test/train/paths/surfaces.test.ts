import { describe, expect, it } from 'vitest';
import { SURFACE_NAMES, SURFACES } from '../../../src/train/paths/surfaces.js';

describe.each(SURFACE_NAMES)('%s', (name) => {
  const surface = SURFACES[name];
  const { view } = surface;
  const [across, up] = [view.x[1] - view.x[0], view.y[1] - view.y[0]];
  const points = Array.from({ length: 25 }, (_, i) => [
    view.x[0] + (across * (0.5 + (i % 5))) / 5,
    view.y[0] + (up * (0.5 + Math.floor(i / 5))) / 5,
  ]) as [number, number][];

  it('has the slopes of its values, by central differences', () => {
    const h = 1e-5;
    for (const [x, y] of points) {
      const [dx, dy] = surface.gradient(x, y);
      const slopes = [
        (surface.value(x + h, y) - surface.value(x - h, y)) / (2 * h),
        (surface.value(x, y + h) - surface.value(x, y - h)) / (2 * h),
      ];
      for (const [i, slope] of slopes.entries()) {
        const error = Math.abs(slope - [dx, dy][i]!);
        expect(error, `at ${x}, ${y}`).toBeLessThan(1e-6 * Math.max(1, Math.abs(dx), Math.abs(dy)) * 10);
      }
    }
  });

  it('is level and lowest at its minima, and nowhere lower', () => {
    for (const [x, y] of surface.minima) {
      expect(surface.value(x, y)).toBeCloseTo(surface.least, 12);
      expect(Math.hypot(...surface.gradient(x, y))).toBeLessThan(1e-10);
    }
    for (const [x, y] of points) expect(surface.value(x, y)).toBeGreaterThanOrEqual(surface.least);
  });

  it('begins within what is drawn, above its goal, which is above what is lowest', () => {
    const [x, y] = surface.start;
    expect(x > view.x[0] && x < view.x[1] && y > view.y[0] && y < view.y[1]).toBe(true);
    expect(surface.value(x, y)).toBeGreaterThan(surface.goal);
    expect(surface.goal).toBeGreaterThan(surface.least);
  });
});
