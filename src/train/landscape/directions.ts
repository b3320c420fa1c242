import type { Parameter } from '../model/parameter.js';
import type { RandomStream } from '../random.js';

/** Values of a model's tensors by name, in PyTorch's order. */
export type State = ReadonlyMap<string, Float32Array>;

/** Where to move a model's tensors, by name; what is not there stays. */
export type Direction = ReadonlyMap<string, Float64Array>;

/**
 * A random direction in which every filter moves as far as it is long, so that neither the scale of the weights nor how many there are
 * decides what is seen:
 *
 *     d ~ N(0, 1),   d[i, j] = d[i, j] / |d[i, j]| * |w[i, j]|     for the j-th filter of layer i
 *
 * A filter is what makes one output: the first dimension of a weight. Biases, and the scales and shifts of norms, stay as they are.
 *
 * @param parameters those that are to move
 * @param state their values
 * @param streamOf the random numbers of a parameter
 * @returns the direction
 * @source Li, Xu, Taylor, Studer, Goldstein, "Visualizing the loss landscape of neural nets", 2018, section 4, and its code, which
 * leaves biases and norms out (`--xignore biasbn`)
 */
export function randomDirection(
  parameters: readonly Pick<Parameter, 'name' | 'shape'>[],
  state: State,
  streamOf: (name: string) => RandomStream,
): Direction {
  const weights = parameters.filter(({ shape }) => shape.length > 1);
  return new Map(
    weights.map(({ name, shape }) => {
      const values = state.get(name)!;
      const stream = streamOf(name);
      const moved = Float64Array.from(values, () => stream.normal());
      const length = values.length / shape[0]!;
      for (let from = 0; from < values.length; from += length) {
        const own = moved.subarray(from, from + length);
        const scale = norm(values.subarray(from, from + length)) / norm(own);
        for (let i = 0; i < length; i++) own[i]! *= scale;
      }
      return [name, moved];
    }),
  );
}

function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return Math.sqrt(sum);
}

/** What no variance is below: batch norm adds more than that to it. */
const LEAST_VARIANCE = 1e-12;

/** Variances move in their logarithms: in a straight line they would soon be below 0. */
const isVariance = (name: string) => name.endsWith('running_var');

/** @returns a - b, of every tensor of a; of variances the difference of their logarithms */
export function difference(a: State, b: State): Direction {
  return new Map(
    [...a].map(([name, values]) => {
      const other = b.get(name)!;
      const log = (value: number) => Math.log(Math.max(value, LEAST_VARIANCE));
      const minus = isVariance(name)
        ? (value: number, i: number) => log(value) - log(other[i]!)
        : (value: number, i: number) => value - other[i]!;
      return [name, Float64Array.from(values, minus)];
    }),
  );
}

/**
 * @param name of a tensor
 * @param value of it
 * @param by how far it moves
 * @returns the value after it has moved; by 0 it is the same to the last bit
 */
export function movedBy(name: string, value: number, by: number): number {
  if (by === 0) return value;
  return isVariance(name) ? Math.max(value, LEAST_VARIANCE) * Math.exp(by) : value + by;
}

/**
 * @param a a direction
 * @param b another
 * @param names of the tensors that count; one that a direction does not move counts as 0
 */
export function dot(a: Direction, b: Direction, names: readonly string[]): number {
  let sum = 0;
  for (const name of names) {
    const [own, other] = [a.get(name), b.get(name)];
    if (own === undefined || other === undefined) continue;
    for (let i = 0; i < own.length; i++) sum += own[i]! * other[i]!;
  }
  return sum;
}

/** @returns the sum of directions, each times its factor */
export function combination(directions: readonly Direction[], factors: readonly number[]): Direction {
  const sum = new Map<string, Float64Array>();
  for (const [k, direction] of directions.entries()) {
    for (const [name, values] of direction) {
      const own = sum.get(name) ?? new Float64Array(values.length);
      for (let i = 0; i < values.length; i++) own[i]! += factors[k]! * values[i]!;
      sum.set(name, own);
    }
  }
  return sum;
}
