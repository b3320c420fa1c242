import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/train/data/batch.js';
import { oddSample } from '../../../src/train/engine/odd-sample.js';

/** Three samples of two features, with a target each; some of the values are replaced. */
function batch(inputs: Record<number, number>, targets: Record<number, number> = {}): Batch {
  const of = (length: number, changes: Record<number, number>) =>
    Float32Array.from({ length }, (_, i) => changes[i] ?? i / 10);
  return { epoch: 0, index: 4, size: 3, shape: [2], inputs: of(6, inputs), targets: of(3, targets) };
}

describe('oddSample', () => {
  it('finds nothing odd in usual values, however small or large', () => {
    expect(oddSample(batch({ 0: -1e17, 3: 1e-40 }, { 1: 1e17 }))).toBeNull();
  });

  it.each([
    [Number.NaN, 'NaN', false],
    [Number.NEGATIVE_INFINITY, '-Infinity', false],
    [-3e38, '-3.0e+38', true],
  ])('names the first sample that has %d, and its place', (value, text, finite) => {
    const odd = oddSample(batch({ 3: value, 5: value }));
    expect(odd).toEqual({ place: 'sample 2 of batch 5', what: `an input of ${text}`, isFinite: finite });
  });

  it('looks at real targets too, and not at classes', () => {
    expect(oddSample(batch({}, { 2: Number.NaN }))).toMatchObject({
      place: 'sample 3 of batch 5',
      what: 'a target of NaN',
    });
    expect(oddSample({ ...batch({}), targets: Int32Array.of(0, 1, 2) })).toBeNull();
  });
});
