import type { RandomStream } from '../../random.js';
import { type Gain, gainFactor } from './gain.js';
import type { Initializer } from './initializer.js';

export interface OrthogonalOptions {
  readonly type: 'orthogonal';
  readonly gain: Gain;
}

/** A direction with less than this share of its length outside those before it is too much made of rounding. */
const NEARLY_DEPENDENT = 1e-6;

/**
 * A random matrix that, but for the gain, changes no lengths: as [rows, cols], later dimensions taken together, its
 * rows are orthogonal to each other if there are fewer of them than columns; else its columns are.
 *
 *     A ~ normal(0, 1);  A or its transpose = Q R, with the diagonal of R positive;  W = gain * Q, or its transpose
 *
 * PyTorch makes the diagonal positive afterwards, by signs. Here the vectors are made orthogonal one after the other
 * (Gram and Schmidt, modified, in float64), for which the diagonal are lengths: the same Q comes out.
 *
 * @param options gain, default 1
 * @returns the initialiser, for tensors of at least 2 dimensions
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.orthogonal_
 */
export function orthogonal({ gain }: OrthogonalOptions): Initializer {
  const factor = gainFactor(gain);
  return (values, shape, stream) => {
    const rows = shape[0]!;
    const columns = values.length / rows;
    const wide = rows < columns;
    const count = wide ? rows : columns;
    const length = wide ? columns : rows;
    // Where value i of the tensor is kept: vectors lie one after the other.
    const place = (i: number) => (wide ? i : (i % columns) * length + Math.floor(i / columns));
    const vectors = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) vectors[place(i)] = stream.normal();
    orthonormalise(vectors, count, length, stream);
    for (let i = 0; i < values.length; i++) values[i] = factor * vectors[place(i)]!;
  };
}

/** Turns `count` vectors of `length` values each, in their order, into orthonormal ones. */
function orthonormalise(vectors: Float64Array, count: number, length: number, stream: RandomStream): void {
  const all = Array.from({ length: count }, (_, i) => vectors.subarray(i * length, (i + 1) * length));
  for (const [i, vector] of all.entries()) {
    let before = norm(vector);
    let left = orthogonalise(vector, all, i);
    while (!(left > NEARLY_DEPENDENT * before)) {
      for (let k = 0; k < length; k++) vector[k] = stream.normal();
      before = norm(vector);
      left = orthogonalise(vector, all, i);
    }
    for (let k = 0; k < length; k++) vector[k]! /= left;
  }
}

/** Makes a vector orthogonal to the first `count` of the others. @returns the length that is left */
function orthogonalise(vector: Float64Array, others: readonly Float64Array[], count: number): number {
  for (let j = 0; j < count; j++) subtractProjection(vector, others[j]!);
  return norm(vector);
}

/** vector -= (vector · unit) unit. Nearly all time is spent here. */
function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  const share = dot(vector, unit);
  for (let k = 0; k < vector.length; k++) vector[k]! -= share * unit[k]!;
}

function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

/** Four sums side by side: one alone would wait for each of its additions. */
function dot(a: Float64Array, b: Float64Array): number {
  const even = a.length - (a.length % 4);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < even; k += 4) {
    s0 += a[k]! * b[k]!;
    s1 += a[k + 1]! * b[k + 1]!;
    s2 += a[k + 2]! * b[k + 2]!;
    s3 += a[k + 3]! * b[k + 3]!;
  }
  for (let k = even; k < a.length; k++) s0 += a[k]! * b[k]!;
  return s0 + s1 + (s2 + s3);
}
