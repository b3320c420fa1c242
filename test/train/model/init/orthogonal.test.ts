import { describe, expect, it } from 'vitest';
import { calculateGain, type Nonlinearity } from '../../../../src/train/model/init/index.js';
import { fixture } from '../../../helpers/fixtures.js';
import { fill, product, Scripted } from './helpers.js';

interface Case {
  shape: number[];
  gain: number | Nonlinearity;
  start: number[];
  values: number[];
}

const { orthogonal } = fixture<{ orthogonal: Case[] }>('initializers.json');

/** The largest |V V^T - gain² I|, V being the rows of the matrix, or its columns where those are fewer. */
function farFromOrthogonal(values: Float32Array, shape: readonly number[], gain: number): number {
  const rows = shape[0]!;
  const columns = product(shape) / rows;
  const wide = rows <= columns;
  const [count, length] = wide ? [rows, columns] : [columns, rows];
  const at = (i: number, k: number) => values[wide ? i * columns + k : k * columns + i]!;
  let farthest = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let dot = 0;
      for (let k = 0; k < length; k++) dot += at(i, k) * at(j, k);
      farthest = Math.max(farthest, Math.abs(dot - (i === j ? gain * gain : 0)));
    }
  }
  return farthest;
}

describe('orthogonal', () => {
  it.each(orthogonal)('$shape, gain $gain: from the same numbers the matrix of torch.nn.init', (c) => {
    const actual = fill({ type: 'orthogonal', gain: c.gain }, c.shape, new Scripted(c.start));
    for (const [i, value] of c.values.entries()) expect(Math.abs(actual[i]! - value)).toBeLessThan(2e-6);
  });

  it.each<[number[], number | Nonlinearity]>([
    [[1, 1], 1],
    [[64, 64], 1],
    [[10, 64], 0.5],
    [[64, 10], 2],
    [[32, 3, 5, 5], 1],
    [[64, 2, 3, 3], 'relu'],
    [[300, 301], 'tanh'],
  ])('%o, gain %o: changes no lengths but by the gain', (shape, gain) => {
    const factor = typeof gain === 'number' ? gain : calculateGain(gain);
    expect(farFromOrthogonal(fill({ type: 'orthogonal', gain }, shape), shape, factor)).toBeLessThan(1e-5);
  });

  it('draws a vector again that lies in the span of those before', () => {
    // The second column is twice the first; [3, 1] comes in its place.
    const values = fill({ type: 'orthogonal' }, [2, 2], new Scripted([1, 2, 0, 0, 3, 1]));
    expect([...values]).toEqual([1, 0, 0, 1]);
  });

  it('is quick enough for large layers', () => {
    const start = performance.now();
    const shape = [1024, 1024];
    const values = fill({ type: 'orthogonal' }, shape);
    // Takes 1 s where it was measured; the limit leaves room for a busy machine.
    expect(performance.now() - start).toBeLessThan(15_000);
    expect(farFromOrthogonal(values.subarray(0, 20 * 1024), [20, 1024], 1)).toBeLessThan(1e-5);
    expect(farFromOrthogonal(values.subarray(1004 * 1024), [20, 1024], 1)).toBeLessThan(1e-5);
  });
});
