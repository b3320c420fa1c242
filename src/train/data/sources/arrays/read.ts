import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { DataError } from '../../data-error.js';
import { type DataSpec, type Dataset, type Split, unitOf } from '../../dataset.js';
import type { LoadedDatasets } from '../../source.js';
import { hashOf, type Parts, splitRecords } from '../../split.js';
import { describeArrays, notesOn, warningsOn } from './describe.js';
import * as fit from './fit.js';
import { type InputKind, inputKindOf, type PartInputs, partInputs } from './inputs.js';
import { describeShape } from './npy.js';
import type { ArraysOptions } from './options.js';
import { type Arrays, readArraysAt, readOtherArrays } from './places.js';
import { partTargets, type TargetKind, targetKindOf } from './targets.js';

/** Arrays, read and made into what is trained and evaluated on. */
export type ReadArrays = LoadedDatasets & { readonly spec: DataSpec };

/** A file's samples, not yet shared out. */
interface Samples {
  readonly arrays: Arrays;
  readonly inputs: PartInputs;
  readonly targets: Int32Array | Float64Array;
}

/** What is known once the training part is. */
interface Fitted {
  readonly spec: DataSpec;
  readonly inputs: fit.Moments;
  readonly targets: fit.Moments;
  readonly told: readonly string[];
}

/**
 * Reads arrays: finds out what they are, holds out samples, fits on the others, and encodes all.
 *
 * @param options the arrays
 * @returns their parts
 * @throws DataError with what is wrong and where
 */
export function readArrays(options: ArraysOptions): ReadArrays {
  const arrays = readArraysAt(options);
  const inputKind = inputKindOf(arrays.inputs, options);
  fit.checkCounts(arrays.inputs, arrays.targets);
  const targetKind = targetKindOf(arrays.targets, options);
  const main = samplesOf(arrays, inputKind, targetKind);
  const other = (key: 'eval' | 'test') => {
    const given = options[key];
    return given === null
      ? null
      : otherSamples(readOtherArrays(key, given, options, arrays), main, [inputKind, targetKind]);
  };
  const [ownEval, ownTest] = [other('eval'), other('test')];
  // Of arrays to choose with all others are trained on.
  const parts = ownEval === null ? shareOut(main, targetKind, options, inputKind, ownTest !== null) : null;
  const trainRows = parts?.train ?? allOf(main);
  const hasTest = ownTest !== null || (parts?.test.length ?? 0) > 0;
  const fitted = fitOn(main, trainRows, [inputKind, targetKind], { options, hasTest });
  const make = (samples: Samples, rows: Uint32Array, split: Split) => datasetOf(samples, rows, split, fitted);

  const train = make(main, trainRows, 'train');
  const test = ownTest
    ? make(ownTest, allOf(ownTest), 'test')
    : hasTest
      ? make(main, parts!.test, 'test')
      : undefined;
  const evaluation = ownEval
    ? make(ownEval, allOf(ownEval), test ? 'val' : 'test')
    : make(main, parts!.val, 'val');
  const datasets = { train, eval: evaluation, test };
  const used = [ownEval, ownTest].flatMap((own) =>
    own?.arrays.file === arrays.file ? [own.arrays.inputs.name, own.arrays.targets.name] : [],
  );
  return {
    ...{ spec: fitted.spec, ...datasets },
    preprocessing: { spec: fitted.spec, inputs: fit.fittedInputs(inputKind, fitted.inputs) },
    notes: notesOn(arrays, fitted.told, targetKind.isTold && !arrays.isFound, datasets, used),
    warnings: warningsOn(arrays, inputKind, targetKind, train),
  };
}

const allOf = ({ inputs }: Samples) => Uint32Array.from({ length: inputs.records }, (_, row) => row);

function samplesOf(arrays: Arrays, inputKind: InputKind, targetKind: TargetKind): Samples {
  return {
    arrays,
    inputs: partInputs(arrays.inputs, inputKind),
    targets: partTargets(arrays.targets, targetKind),
  };
}

function otherSamples(
  arrays: Arrays,
  main: Samples,
  [inputKind, targetKind]: [InputKind, TargetKind],
): Samples {
  const [own, trained] = [arrays.inputs, main.arrays.inputs].map(({ shape }) => shape.slice(1));
  if (JSON.stringify(own) !== JSON.stringify(trained)) {
    throw new DataError(
      arrays.inputs.key,
      `${arrays.inputs.label} has the shape ${describeShape(arrays.inputs.shape)}, and ${main.arrays.inputs.label}, which is trained on, ${describeShape(main.arrays.inputs.shape)}`,
      ['all but the number of samples must be the same'],
    );
  }
  if (arrays.inputs.shape[0] === 0) {
    throw new DataError(arrays.inputs.key, `${arrays.inputs.label} has no sample`);
  }
  fit.checkCounts(arrays.inputs, arrays.targets);
  return samplesOf(arrays, inputKind, targetKind);
}

function shareOut(
  { arrays, inputs, targets }: Samples,
  targetKind: TargetKind,
  { split }: ArraysOptions,
  inputKind: InputKind,
  hasOwnTest: boolean,
): Parts {
  const each = inputs.values.length / inputs.records;
  // The same for the same numbers, whatever type they are stored as.
  const scratch = inputKind.kind === 'image' ? new Uint8Array(each) : new Float32Array(each);
  const bytes = new Uint8Array(scratch.buffer);
  const hashes = () =>
    Float64Array.from({ length: inputs.records }, (_, i) => {
      scratch.set(inputs.values.subarray(i * each, (i + 1) * each));
      return hashOf(split.seed, bytes);
    });
  return splitRecords(
    {
      count: inputs.records,
      hashes: split.by === 'hash' ? hashes() : null,
      classes: targetKind.kind === 'class' ? Int32Array.from(targets) : null,
    },
    hasOwnTest ? { ...split, test: 0 } : split,
    arrays.file,
    unitOf({ input: inputKind.shape }),
  );
}

function fitOn(
  { arrays, inputs, targets }: Samples,
  rows: Uint32Array,
  [inputKind, targetKind]: [InputKind, TargetKind],
  { options, hasTest }: { readonly options: ArraysOptions; readonly hasTest: boolean },
): Fitted {
  const each = inputs.values.length / inputs.records;
  const plain = fit.untouched(inputKind.kind === 'features' ? each : 0);
  const own = fit.valuesOf(targetKind);
  const standardizesTargets = options.standardize === true;
  const moments = targetKind.kind === 'value' ? fit.fitMoments(targets, own, rows) : fit.untouched(own);
  return {
    inputs: fit.areStandardized(inputKind, options) ? fit.fitMoments(inputs.values, each, rows) : plain,
    targets: standardizesTargets ? moments : fit.untouched(own),
    told: describeArrays(arrays, inputKind, targetKind),
    spec: {
      name: basename(arrays.file),
      input: inputKind.shape,
      target:
        targetKind.kind === 'class'
          ? { kind: 'class', names: targetKind.names }
          : {
              ...{ kind: 'value', names: targetKind.names },
              ...{ mean: moments.mean, std: standardizesTargets ? moments.std : null },
            },
      hasTest,
    },
  };
}

function datasetOf(
  { arrays, inputs, targets: all }: Samples,
  rows: Uint32Array,
  split: Split,
  { spec, inputs: moments, targets: targetMoments, told }: Fitted,
): Dataset {
  const encoded =
    spec.input.kind === 'image'
      ? fit.encodeImages(inputs, rows)
      : fit.encodeNumbers(arrays.inputs, inputs.values, moments, rows);
  const targets =
    all instanceof Int32Array
      ? Int32Array.from(rows, (row) => all[row]!)
      : fit.encodeNumbers(arrays.targets, all, targetMoments, rows);
  const bytes = ({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array | Int32Array) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const hash = createHash('sha256').update(JSON.stringify([told, spec.target]));
  const sha256 = hash.update(bytes(encoded)).update(bytes(targets)).digest('hex');
  const { file } = arrays;
  return {
    identity: { name: spec.name, split, source: file, records: rows.length, sha256, columns: told },
    ...{ spec, inputs: encoded, targets },
    nameOf: (record) => `${file}, sample ${rows[record]!}`,
  };
}
