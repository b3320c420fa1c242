import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { nameShape } from '../../../model/shape.js';
import { DataError } from '../../data-error.js';
import type { Dataset } from '../../dataset.js';
import type { Preprocessing } from '../../preprocessing.js';
import * as fit from './fit.js';
import { inputKindOf, partInputs } from './inputs.js';
import { describeShape } from './npy.js';
import type { ArraysOptions } from './options.js';
import { type NamedArray, readArraysAt, refuse } from './places.js';
import { partTargets, type TargetKind } from './targets.js';

/**
 * All samples of arrays that were not trained on, with what was learnt where the model was.
 *
 * @param options of the arrays
 * @param preprocessing of the run
 * @returns the samples
 * @throws DataError when they cannot be read, have another shape, or classes that training has not
 */
export function wholeArrays(options: ArraysOptions, preprocessing: Preprocessing): Dataset {
  const { spec } = preprocessing;
  const { inputs, targets: told, file } = readArraysAt(options);
  fit.checkCounts(inputs, told);
  const own = inputsBy(inputs, options, preprocessing);
  const all = targetsBy(told, options, preprocessing);
  const bytes = ({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array | Int32Array) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const sha256 = createHash('sha256').update(bytes(own)).update(bytes(all)).digest('hex');
  return {
    identity: { name: basename(file), split: 'test', source: file, records: inputs.shape[0]!, sha256 },
    ...{ spec, inputs: own, targets: all },
    nameOf: (record) => `${file}, sample ${record}`,
  };
}

/**
 * Makes inputs of an array as training did.
 *
 * @param array [samples, ...]
 * @param options imageOrder, flatten
 * @param preprocessing of the run
 * @returns bytes of images, or features
 * @throws DataError when its samples have another shape, or values that cannot be used
 */
export function inputsBy(
  array: NamedArray,
  options: Pick<ArraysOptions, 'imageOrder' | 'flatten'>,
  { spec, inputs }: Preprocessing,
): Uint8Array | Float32Array {
  const kind = inputKindOf(array, options);
  if (JSON.stringify(kind.shape) !== JSON.stringify(spec.input)) {
    throw refuse(
      array,
      `has the shape ${describeShape(array.shape)}, and the samples that were trained on are ${nameShape(spec.input)}`,
      'all but the number of samples must be the same',
    );
  }
  const part = partInputs(array, kind);
  const rows = Uint32Array.from({ length: part.records }, (_, row) => row);
  if (kind.kind === 'image') return fit.encodeImages(part, rows);
  const plain = fit.untouched(kind.shape.features);
  const of = (value: 'mean' | 'std') =>
    inputs?.map((column) => (column.kind === 'number' ? column[value] : value === 'mean' ? 0 : 1));
  const moments = { mean: of('mean') ?? plain.mean, std: of('std') ?? plain.std };
  return fit.encodeNumbers(array, part.values, moments, rows);
}

function targetsBy(
  array: NamedArray,
  { classes }: ArraysOptions,
  { spec: { target } }: Preprocessing,
): Int32Array | Float32Array {
  const width = array.shape.length === 1 ? 1 : array.shape[1]!;
  if (target.kind === 'class') {
    // With names they count from 0; without, the names are the numbers.
    const numbers = target.names.map((name, i) => (classes.length > 0 ? i : Number(name)));
    const kind: TargetKind = {
      ...{ kind: 'class', names: target.names, isTold: true },
      numbers: width > 1 ? null : numbers,
    };
    return partTargets(array, kind) as Int32Array;
  }
  if (width !== target.names.length) {
    const message = `has the shape ${describeShape(array.shape)}; expected ${target.names.length} values for each sample`;
    throw new DataError(array.key, `${array.label} ${message}`);
  }
  const values = partTargets(array, { kind: 'value', names: target.names, isTold: true }) as Float64Array;
  const plain = fit.untouched(width);
  const moments = target.std ? { mean: target.mean ?? plain.mean, std: target.std } : plain;
  const rows = Uint32Array.from({ length: values.length / width }, (_, row) => row);
  return fit.encodeNumbers(array, values, moments, rows);
}
