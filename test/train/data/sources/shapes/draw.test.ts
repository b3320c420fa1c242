import { describe, expect, it } from 'vitest';
import { LossnetError } from '../../../../../src/base/errors.js';
import { generateShapes } from '../../../../../src/train/data/sources/shapes/draw.js';
import { SHAPE_KINDS } from '../../../../../src/train/data/sources/shapes/kinds.js';

const IMAGE = 32 * 32 * 3;

describe('generated shapes', () => {
  const train = generateShapes({ seed: 0, split: 'train', size: 200 });

  it('are the same on every machine and in every version', () => {
    // A change of this value is a change of the data: results before and after cannot be compared.
    expect(train.identity).toEqual({
      name: 'shapes',
      split: 'train',
      source: 'generated',
      records: 200,
      sha256: '59676328d048187bba29ea5475405cc0ad1be4e52f9f4903b46dd3469b21cca8',
    });
  });

  it('come as ten kinds in turn, so that every size divisible by ten is balanced', () => {
    expect(train.spec.target.names).toHaveLength(10);
    expect([...train.targets].slice(0, 12)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(train.spec.input).toMatchObject({ height: 32, width: 32, channels: 3 });
    expect(train.inputs).toHaveLength(200 * IMAGE);
  });

  it('depend on seed, split and position, not on how many there are', () => {
    const fewer = generateShapes({ seed: 0, split: 'train', size: 37 });
    expect(Buffer.from(fewer.inputs).equals(train.inputs.subarray(0, 37 * IMAGE))).toBe(true);
    const images = new Set(
      [
        train,
        generateShapes({ seed: 1, split: 'train', size: 200 }),
        generateShapes({ seed: 0, split: 'test', size: 200 }),
      ].flatMap(({ inputs }) =>
        Array.from({ length: 200 }, (_, i) =>
          Buffer.from(inputs.subarray(i * IMAGE, (i + 1) * IMAGE)).toString('hex'),
        ),
      ),
    );
    expect(images.size).toBe(600);
  });

  it('say what they stand in for', () => {
    const { identity } = generateShapes({ seed: 0, split: 'test', size: 1, standsInFor: 'cifar10' });
    expect(identity.standsInFor).toBe('cifar10');
    expect(train.identity).not.toHaveProperty('standsInFor');
  });

  it.each([0, -1, 2.5, Number.NaN])('cannot be %s in number', (size) => {
    expect(() => generateShapes({ seed: 0, split: 'train', size })).toThrow(LossnetError);
  });
});

describe.each(SHAPE_KINDS)('the $name', ({ distance }) => {
  const grid = Array.from({ length: 81 }, (_, i) => (i - 40) / 32);
  const points = grid.flatMap((y) => grid.map((x) => [x, y] as const));

  it('has an inside, and nothing of it outside the circle around it', () => {
    const inside = points.filter(([x, y]) => distance(x, y) < 0);
    expect(inside.length / points.length).toBeGreaterThan(0.1);
    const furthest = Math.max(...inside.map(([x, y]) => Math.sqrt(x * x + y * y)));
    expect(furthest).toBeGreaterThan(0.8);
    expect(furthest).toBeLessThan(1.05);
  });

  it('has smooth edges: the distance never changes faster than the point moves', () => {
    const step = 1 / 1024;
    const slopes = points.flatMap(([x, y]) => [
      Math.abs(distance(x + step, y) - distance(x, y)) / step,
      Math.abs(distance(x, y + step) - distance(x, y)) / step,
    ]);
    expect(Math.max(...slopes)).toBeLessThan(1.001);
  });
});
