import { describe, expect, it } from 'vitest';
import { difference, dot, randomDirection } from '../../../src/train/landscape/directions.js';
import { riseOf } from '../../../src/train/landscape/flatness.js';
import { Plane } from '../../../src/train/landscape/plane.js';
import { eigen, principal } from '../../../src/train/landscape/principal.js';
import { RandomStream } from '../../../src/train/random.js';
import { fixture } from '../../helpers/fixtures.js';
import { expectWithin } from '../../helpers/margin.js';

interface Case {
  points: number[][];
  components: [number[], number[]];
  shares: [number, number];
}

const { cases } = fixture<{ cases: Case[] }>('landscape.json');
const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
const streamOf = (seed: number) => (name: string) => new RandomStream(seed, 'landscape', name);

describe('a random direction', () => {
  const parameters = [
    { name: '0.weight', shape: [3, 2, 2, 2] },
    { name: '0.bias', shape: [3] },
    { name: '1.weight', shape: [2, 3] },
  ];
  const state = new Map([
    ['0.weight', Float32Array.from({ length: 24 }, (_, i) => (i < 8 ? 0 : i - 15.5))],
    ['0.bias', Float32Array.of(1, 2, 3)],
    ['1.weight', Float32Array.of(3, 4, 0, 0, 0, 5)],
  ]);

  it('moves every filter as far as it is long, and no bias', () => {
    const direction = randomDirection(parameters, state, streamOf(0));
    expect([...direction.keys()]).toEqual(['0.weight', '1.weight']);
    for (const [name, size] of [['0.weight', 8] as const, ['1.weight', 3] as const]) {
      const [values, moved] = [state.get(name)!, direction.get(name)!];
      for (let from = 0; from < values.length; from += size) {
        const [own, by] = [values, moved].map((all) => norm(all.subarray(from, from + size)));
        expect(by).toBeCloseTo(own!, 10);
      }
    }
    // One that is 0 stays.
    expect([...direction.get('0.weight')!.subarray(0, 8)].map(Math.abs)).toEqual(Array(8).fill(0));
  });

  it('is that of its seed', () => {
    const of = (seed: number) => [...randomDirection(parameters, state, streamOf(seed)).get('1.weight')!];
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });
});

describe('principal directions', () => {
  it.each(cases)('are those of scikit-learn', ({ points, components, shares }) => {
    const found = principal(
      points.map((values) => new Map([['w', Float64Array.from(values)]])),
      ['w'],
    );
    for (const [k, component] of components.entries()) {
      const own = found.directions[k]!.get('w')!;
      const sign = Math.sign(component.reduce((sum, value, i) => sum + value * own[i]!, 0));
      for (const [i, value] of component.entries())
        expectWithin(Math.abs(own[i]! * sign - value), 1e-9, `component ${k}`);
      expectWithin(Math.abs(found.shares[k]! - shares[k]!), 1e-9, `share ${k}`);
    }
  });

  it('of points on a line are one, and of a point none', () => {
    const on = (t: number) => new Map([['w', Float64Array.of(3 * t, 4 * t)]]);
    const { directions, shares } = principal([on(2), on(0), on(1)], ['w']);
    expect(directions[1]).toBeNull();
    expect(shares[0]).toBeCloseTo(1, 12);
    // To the side on which the first point lies.
    expect([...directions[0].get('w')!].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0.6, 0.8]);
    expect(() => principal([on(1), on(1)], ['w'])).toThrow('all points are the same');
  });

  it('come from eigenvectors of a symmetric matrix', () => {
    const matrix = [
      [4, 1, -2],
      [1, 2, 0],
      [-2, 0, 3],
    ];
    for (const { value, vector } of eigen(matrix)) {
      for (const [i, row] of matrix.entries()) {
        const product = row.reduce((sum, entry, j) => sum + entry * vector[j]!, 0);
        expect(product).toBeCloseTo(value * vector[i]!, 12);
      }
    }
  });
});

describe('a plane', () => {
  const origin = new Map([
    ['w', Float32Array.of(1, 2, 3)],
    ['n.running_var', Float32Array.of(0.5, 4)],
  ]);
  const other = new Map([
    ['w', Float32Array.of(2, 2, 5)],
    ['n.running_var', Float32Array.of(2, 1)],
  ]);
  // Neither at a right angle to each other nor of length 1.
  const first = difference(other, origin);
  const second = new Map([['w', Float64Array.of(1, 1, 0)]]);
  const plane = new Plane(origin, first, second, ['w']);

  it('has the origin at 0 to the last bit, and what it was made of where that is', () => {
    expect(plane.point(0, 0)).toEqual(origin);
    expect(plane.place(other)).toEqual({ at: [1, 0], off: 0 });
    const { at, off } = plane.place(plane.point(-0.5, 2));
    expect(at.map((value) => Math.round(value * 1e6) / 1e6)).toEqual([-0.5, 2]);
    expect(off).toBeLessThan(1e-5);
  });

  it('tells how far beside it a state lies', () => {
    // (2, -2, -1) is at right angles to (1, 0, 2) and (1, 1, 0).
    const beside = new Map([...origin, ['w', Float32Array.of(1 + 2, 2 - 2, 3 - 1)] as const]);
    expect(plane.place(beside).at.map(Math.abs)).toEqual([0, 0]);
    expect(plane.place(beside).off).toBeCloseTo(3, 12);
  });

  it('moves variances in their logarithms, so that none is below 0', () => {
    const at = (x: number) => [...plane.point(x, 0).get('n.running_var')!];
    for (const [i, value] of [2, 1].entries()) expect(at(1)[i]).toBeCloseTo(value, 6);
    for (const [i, value] of [1, 2].entries()) expect(at(0.5)[i]).toBeCloseTo(value, 6);
    expect(Math.min(...at(-20), ...at(20))).toBeGreaterThanOrEqual(0);
  });
});

it('the rise of a quadratic is half its curvature along the directions', () => {
  const loss = (t: number, curvature: number) => 3 + 5 * t + (curvature * t * t) / 2;
  const pairs = [2, 4, 6].map((curvature) => [loss(0.1, curvature), loss(-0.1, curvature)] as const);
  const { mean, std } = riseOf(0.1, 3, pairs);
  expect(mean).toBeCloseTo(0.02, 12);
  expect(std).toBeCloseTo(0.01, 12);
  expect(riseOf(0.1, 3, [...pairs, [Number.NaN, 1]]).mean).toBeNaN();
  expect(dot(new Map(), new Map(), ['w'])).toBe(0);
});
