import { DataError } from '../../data-error.js';
import { momentsOf } from '../../moments.js';
import type { FittedInput } from '../../preprocessing.js';
import { type InputKind, type PartInputs, positionOf } from './inputs.js';
import type { ArraysOptions } from './options.js';
import { type NamedArray, refuse } from './places.js';
import type { TargetKind } from './targets.js';

/** So many columns lie in a line of the processor's cache, so that each is read once. */
const AT_ONCE = 16;

/** What is learnt from the training part. */
export interface Moments {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * Mean and standard deviation of each of several numbers, over some samples.
 *
 * @param values [samples, each]
 * @param each how many numbers a sample has
 * @param rows which samples
 * @returns of each number both
 */
export function fitMoments(values: ArrayLike<number>, each: number, rows: Uint32Array): Moments {
  const [mean, std]: [number[], number[]] = [[], []];
  const columns = Array.from({ length: Math.min(AT_ONCE, each) }, () => new Float64Array(rows.length));
  for (let first = 0; first < each; first += AT_ONCE) {
    const width = Math.min(AT_ONCE, each - first);
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i]! * each + first;
      for (let k = 0; k < width; k++) columns[k]![i] = values[from + k]!;
    }
    for (const column of columns.slice(0, width)) {
      const moments = momentsOf(column);
      mean.push(moments.mean);
      std.push(moments.std);
    }
  }
  return { mean, std };
}

/** How features become inputs, as it is kept with a run; null: images, which are taken as they are. */
export function fittedInputs(kind: InputKind, { mean, std }: Moments): FittedInput[] | null {
  if (kind.kind === 'image') return null;
  return mean.map((own, k): FittedInput => {
    const column = `${k}`;
    if (kind.isBoolean) return { column, kind: 'boolean', fill: 0 };
    return { column, kind: 'number', fill: 0, mean: own, std: std[k]! };
  });
}

/** Whether features become (x - mean) / std. */
export const areStandardized = (
  kind: InputKind,
  { standardize }: Pick<ArraysOptions, 'standardize'>,
): boolean => kind.kind === 'features' && !kind.isBoolean && standardize !== false;

/**
 * Makes numbers of some samples what batches hold: (x - mean) / std, as float32.
 *
 * @param array they are of, for errors
 * @param values [samples, each]
 * @param moments of each number; 0 and 1: it stays as it is
 * @param rows which samples
 * @returns [rows, each]
 * @throws DataError for what float32 cannot hold
 */
export function encodeNumbers(
  array: NamedArray,
  values: ArrayLike<number>,
  { mean, std }: Moments,
  rows: Uint32Array,
): Float32Array {
  const each = mean.length;
  const encoded = new Float32Array(rows.length * each);
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < each; k++) {
      const from = rows[i]! * each + k;
      encoded[i * each + k] = (values[from]! - mean[k]!) / std[k]!;
      if (Number.isFinite(encoded[i * each + k])) continue;
      throw refuse(
        array,
        `has ${values[from]} at ${positionOf(from, array.shape)}, more than float32 can hold`,
        'change its unit',
      );
    }
  }
  return encoded;
}

/** The bytes of images. */
export function encodeImages({ values, records }: PartInputs, rows: Uint32Array): Uint8Array {
  const bytes = values as Uint8Array;
  // Nothing is held out, and nothing to be copied.
  if (rows.length === records) return bytes;
  const size = bytes.length / records;
  const encoded = new Uint8Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) {
    encoded.set(bytes.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
  }
  return encoded;
}

/** What stays as it is. */
export const untouched = (each: number): Moments => ({
  mean: new Array<number>(each).fill(0),
  std: new Array<number>(each).fill(1),
});

/** @throws DataError when inputs and targets have different numbers of samples */
export function checkCounts(inputs: NamedArray, targets: NamedArray): void {
  const [samples, told] = [inputs.shape[0], targets.shape[0]];
  if (samples === told) return;
  throw new DataError(
    targets.key,
    `${inputs.label} has ${samples} samples, and ${targets.label} has ${told}`,
    ['each input needs its target, in the same order'],
  );
}

/** How many numbers are to be told of a sample. */
export const valuesOf = (kind: TargetKind): number => (kind.kind === 'value' ? kind.names.length : 1);
