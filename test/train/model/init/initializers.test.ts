import { describe, expect, it } from 'vitest';
import { constant, normal, uniform, uniformFanIn } from '../../../../src/train/model/init/index.js';
import { RandomStream } from '../../../../src/train/random.js';
import { fixture } from '../../../helpers/fixtures.js';
import { deviation, fill, mean, product, Scripted } from './helpers.js';

interface Recording {
  spreads: { type: string; shape: number[]; options: Record<string, unknown>; spread: number }[];
  defaults: {
    name: string;
    fan_in: number;
    weight: number[];
    bound: number;
    bias: number[];
    bias_bound: number;
  }[];
  exact: { type: string; shape: number[]; options: Record<string, unknown>; values: number[] }[];
  sparse: { shape: number[]; sparsity: number; zeros: number }[];
}

const { spreads, defaults, exact, sparse } = fixture<Recording>('initializers.json');
const named = <T extends { type: string; shape: number[]; options: object }>(cases: T[]) =>
  cases.map((c) => ({ ...c, title: `${c.type} ${JSON.stringify(c.options)} of ${c.shape.join(' x ')}` }));

/** One row per kind: a tensor that it can fill, and some arguments. */
const KINDS: [Record<string, unknown>, number[]][] = [
  [{ type: 'uniform' }, [64]],
  [{ type: 'normal' }, [64]],
  [{ type: 'trunc_normal' }, [64]],
  [{ type: 'constant', value: 0.3 }, [64]],
  [{ type: 'zeros' }, [64]],
  [{ type: 'ones' }, [64]],
  [{ type: 'xavier_uniform' }, [8, 8]],
  [{ type: 'xavier_normal' }, [8, 8]],
  [{ type: 'kaiming_uniform' }, [8, 8]],
  [{ type: 'kaiming_normal' }, [8, 8]],
  [{ type: 'orthogonal' }, [8, 8]],
  [{ type: 'sparse', sparsity: 0.5 }, [8, 8]],
  [{ type: 'eye' }, [8, 8]],
  [{ type: 'dirac' }, [4, 4, 2, 2]],
];
const FIXED = ['constant', 'zeros', 'ones', 'eye', 'dirac'];

describe('every value is written', () => {
  it.each(KINDS)('%o: the same for the same seed and name, others for others', (block, shape) => {
    const draw = (seed: number, name: string) => fill(block, shape, new RandomStream(seed, 'init', name));
    const values = draw(0, '0.weight');
    expect(values.every(Number.isFinite)).toBe(true);
    expect(draw(0, '0.weight')).toEqual(values);
    const random = !FIXED.includes(String(block.type));
    for (const other of [draw(1, '0.weight'), draw(0, '1.weight')]) {
      expect(other.some((value, i) => value !== values[i])).toBe(random);
    }
  });
});

describe('the same value everywhere', () => {
  it.each([
    [{ type: 'constant', value: -0.3 }, -0.3],
    [{ type: 'zeros' }, 0],
    [{ type: 'ones' }, 1],
  ])('%o', (block, value) => {
    expect([...fill(block, [3])]).toEqual(Array(3).fill(Math.fround(value)));
  });
});

describe('uniform', () => {
  it.each([
    [{}, 0, 1],
    [{ a: -2, b: 5 }, -2, 5],
    [{ a: 3, b: 3 }, 3, 3],
  ])('%o fills its interval evenly', (options, a, b) => {
    const values = fill({ type: 'uniform', ...options }, [100_000]);
    const width = b - a;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(a);
    expect(Math.max(...values)).toBeLessThanOrEqual(b);
    expect(Math.abs(mean(values) - (a + b) / 2)).toBeLessThanOrEqual((5 * width) / Math.sqrt(12 * 100_000));
    expect(Math.abs(deviation(values) - width / Math.sqrt(12))).toBeLessThanOrEqual(0.005 * width);
  });
});

describe('normal', () => {
  const size = 400_000;
  /** Share of a normal distribution within so many standard deviations. */
  const SHARES = [
    [0.5, 0.382925],
    [1, 0.682689],
    [2, 0.9545],
    [3, 0.9973],
  ] as const;

  it.each([
    [{}, 0, 1],
    [{ mean: -3, std: 0.2 }, -3, 0.2],
  ])('%o has its mean, its deviation and its bell', (options, centre, std) => {
    const values = fill({ type: 'normal', ...options }, [size]);
    expect(Math.abs(mean(values) - centre)).toBeLessThan((5 * std) / Math.sqrt(size));
    expect(Math.abs(deviation(values) / std - 1)).toBeLessThan(5 / Math.sqrt(2 * size));
    for (const [reach, share] of SHARES) {
      const within = values.filter((value) => Math.abs(value - centre) < reach * std).length / size;
      expect(Math.abs(within - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / size));
    }
  });

  it('a number does not foretell the next', () => {
    const stream = new RandomStream(0, 'init');
    const values = Array.from({ length: 100_000 }, () => stream.normal());
    const products = values.slice(1).map((value, i) => value * values[i]!);
    expect(Math.abs(mean(products))).toBeLessThan(5 / Math.sqrt(values.length));
    const squares = values.slice(1).map((value, i) => (value ** 2 - 1) * (values[i]! ** 2 - 1));
    expect(Math.abs(mean(squares))).toBeLessThan(10 / Math.sqrt(values.length));
  });
});

describe('xavier and kaiming spread as torch.nn.init does', () => {
  const uniforms = named(spreads).filter(({ type }) => type.endsWith('uniform'));
  const normals = named(spreads).filter(({ type }) => type.endsWith('normal'));

  it.each(uniforms)('$title: bound', ({ type, shape, options, spread }) => {
    const { stream, bounds } = scripted();
    fill({ type, ...options }, shape, stream);
    expect(bounds).toHaveLength(product(shape));
    for (const [low, high] of bounds) {
      expect(high / spread).toBeCloseTo(1, 14);
      expect(low).toBe(-high);
    }
    const drawn = fill({ type, ...options }, shape);
    const largest = drawn.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(spread));
    expect(largest).toBeGreaterThan(0.98 * spread);
    expect(Math.abs((deviation(drawn) * Math.sqrt(3)) / spread - 1)).toBeLessThan(
      3 / Math.sqrt(drawn.length),
    );
  });

  it.each(normals)('$title: std', ({ type, shape, options, spread }) => {
    const ones = fill({ type, ...options }, shape, scripted().stream);
    for (const value of ones) expect(value).toBe(Math.fround(spread));
    const drawn = fill({ type, ...options }, shape);
    expect(Math.abs(deviation(drawn) / spread - 1)).toBeLessThan(5 / Math.sqrt(2 * drawn.length));
    expect(Math.abs(mean(drawn))).toBeLessThan((5 * spread) / Math.sqrt(drawn.length));
  });
});

/** A stream whose normal numbers are all 1. */
function scripted() {
  function* ones() {
    for (;;) yield 1;
  }
  const stream = new Scripted(ones());
  return { stream, bounds: stream.bounds };
}

describe('the default is that of torch.nn', () => {
  it.each(defaults)('$name', ({ fan_in, weight, bound, bias, bias_bound }) => {
    for (const [shape, expected] of [
      [weight, bound],
      [bias, bias_bound],
    ] as const) {
      const { stream, bounds } = scripted();
      uniformFanIn(fan_in)(new Float32Array(product(shape)), shape, stream);
      expect(bounds).toHaveLength(product(shape));
      for (const [low, high] of bounds) {
        expect(high / expected).toBeCloseTo(1, 14);
        expect(low).toBe(-high);
      }
    }
  });

  it('one uniform number per value, in order', () => {
    const values = new Float32Array(100);
    uniformFanIn(75)(values, [100], new RandomStream(3, 'init', '0.bias'));
    const stream = new RandomStream(3, 'init', '0.bias');
    const bound = 1 / Math.sqrt(75);
    expect(values).toEqual(Float32Array.from({ length: 100 }, () => stream.uniform(-bound, bound)));
  });
});

describe('eye and dirac have the values of torch.nn.init', () => {
  it.each(named(exact))('$title', ({ type, shape, options, values }) => {
    expect([...fill({ type, ...options }, shape)]).toEqual(values);
  });
});

describe('sparse', () => {
  it.each(sparse)('$sparsity of $shape: as many zeroes in each column as torch.nn.init', (c) => {
    const [rows, columns] = c.shape as [number, number];
    const values = fill({ type: 'sparse', sparsity: c.sparsity }, c.shape);
    for (let column = 0; column < columns; column++) {
      const found = Array.from({ length: rows }, (_, row) => values[row * columns + column]);
      expect(found.filter((value) => value === 0)).toHaveLength(c.zeros);
    }
  });

  it('zeroes anywhere, the others normal with std', () => {
    const values = fill({ type: 'sparse', sparsity: 0.5, std: 0.1 }, [10, 2000]);
    const others = values.filter((value) => value !== 0);
    expect(Math.abs(deviation(others) / 0.1 - 1)).toBeLessThan(5 / Math.sqrt(2 * others.length));
    for (let row = 0; row < 10; row++) {
      const zeroes = values.subarray(row * 2000, (row + 1) * 2000).filter((value) => value === 0).length;
      expect(Math.abs(zeroes / 2000 - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 2000));
    }
    expect(deviation(fill({ type: 'sparse', sparsity: 0 }, [100, 100]))).toBeCloseTo(0.01, 3);
  });
});

describe('what layers use', () => {
  it('is what the names make', () => {
    const draw = (initializer: ReturnType<typeof normal>) => {
      const values = new Float32Array(8);
      initializer(values, [8], new RandomStream(0, 'init', '0.weight'));
      return values;
    };
    expect(draw(normal(1, 2))).toEqual(fill({ type: 'normal', mean: 1, std: 2 }, [8]));
    expect(draw(uniform(1, 2))).toEqual(fill({ type: 'uniform', a: 1, b: 2 }, [8]));
    expect(draw(constant(4))).toEqual(fill({ type: 'constant', value: 4 }, [8]));
  });
});
