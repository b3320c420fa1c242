import { createHash } from 'node:crypto';
import { LossnetError } from '../../../../base/errors.js';
import { describeShape, dimensions } from '../../../model/shape.js';
import { createTask, type Target } from '../../../task/index.js';
import type { DataSpec, Dataset, DatasetIdentity, Inputs, Split } from '../../dataset.js';
import type { DataSource } from '../../source.js';
import { type CustomOptions, customSpec } from './index.js';

/** Samples, one after another, with what is to be said of them. */
export interface Samples {
  /** [samples, height, width, channels] bytes, or [samples, features] floats. */
  readonly inputs: Inputs;
  /** The class of each sample, from 0; or its real values, [samples, values], as Float32Array. */
  readonly targets: Dataset['targets'];
}

/** Data of one's own, in memory. */
export interface ArraysOptions {
  /** What they are called in records and reports. */
  readonly name: string;
  /** Of images the channels, height and width of a sample, of features their number. */
  readonly shape: readonly [channels: number, height: number, width: number] | readonly [features: number];
  /** Names of the classes, in the order of their numbers. */
  readonly classes?: readonly string[];
  /** Names of the real values, where these are to be told in the place of a class. */
  readonly values?: readonly string[];
  readonly train: Samples;
  /** What chooses the best epoch. */
  readonly eval: Samples;
  /** What is looked at once, at the end. Default: nothing, and the best epoch is chosen on what is evaluated. */
  readonly test?: Samples;
}

/**
 * A data set from arrays in memory.
 *
 * @param options what they are, and the samples
 * @returns the data set, for `loadConfig({ …, data })`
 * @throws LossnetError `LOSSNET_DATA_OPTION` when arrays and shape do not fit, or a target is of no class or not finite
 */
export function fromArrays({
  name,
  shape,
  classes = [],
  values = [],
  train,
  eval: evaluation,
  test,
}: ArraysOptions): DataSource {
  const options: CustomOptions = {
    type: 'custom',
    name,
    shape,
    classes,
    values,
    hasTest: test !== undefined,
  };
  if (classes.length > 0 === values.length > 0) {
    const message = `${name}: give either classes or values, the names of what is to be told.`;
    throw new LossnetError('LOSSNET_DATA_OPTION', message);
  }
  const plain = customSpec(options);
  const { target } = plain;
  const spec =
    target.kind === 'class' ? plain : { ...plain, target: { ...target, ...meansOf(train, target) } };
  const sets = {
    train: datasetOf(spec, 'train', train),
    eval: datasetOf(spec, test ? 'val' : 'test', evaluation),
    test: test && datasetOf(spec, 'test', test),
  };
  return {
    spec,
    load: async () => ({ ...sets, warnings: [] }),
    recall: async ({ split }: DatasetIdentity) =>
      split === 'train' ? sets.train : split === 'test' ? (sets.test ?? sets.eval) : sets.eval,
  };
}

function meansOf({ targets }: Samples, { names }: Target) {
  const sums = names.map(() => 0);
  for (const [at, value] of targets.entries()) sums[at % names.length]! += value;
  return { mean: sums.map((sum) => (sum * names.length) / targets.length) };
}

function datasetOf(spec: DataSpec, split: Split, { inputs, targets }: Samples): Dataset {
  const { name, input, target } = spec;
  const [size, each] = [product(dimensions(input)), product(createTask(target).targets.shape)];
  const refuse = (message: string): never => {
    throw new LossnetError('LOSSNET_DATA_OPTION', `${name}: ${message}.`);
  };
  if (!(size > 0 && Number.isInteger(size))) refuse(`a sample cannot have the shape ${describeShape(input)}`);
  if (targets.length === 0) refuse(`there is no ${split} sample`);
  const records = targets.length / each;
  if (!Number.isInteger(records)) {
    refuse(`${targets.length} numbers are no whole samples of ${each} values each`);
  }
  const unit = input.kind === 'image' ? 'bytes' : 'numbers';
  if (inputs.length !== records * size) {
    refuse(
      `${records} ${split} samples of ${describeShape(input)} have ${records * size} ${unit}; received ${inputs.length}`,
    );
  }
  if ((input.kind === 'image') !== inputs instanceof Uint8Array) {
    refuse(
      `images are Uint8Array, features Float32Array; received ${inputs.constructor.name} for ${describeShape(input)}`,
    );
  }
  const odd = oddTarget(target, targets);
  if (odd !== null) refuse(`${split} sample ${Math.floor(odd.at / each)} ${odd.is}`);
  const unusable = inputs instanceof Float32Array ? inputs.findIndex((value) => !Number.isFinite(value)) : -1;
  if (unusable >= 0) {
    refuse(
      `${split} sample ${Math.floor(unusable / size)} has the value ${inputs[unusable]}, which is not finite`,
    );
  }
  const sha256 = createHash('sha256').update(bytesOf(inputs)).update(bytesOf(targets)).digest('hex');
  return { identity: { name, split, source: 'memory', records, sha256 }, spec, inputs, targets };
}

function oddTarget(target: Target, targets: Dataset['targets']): { at: number; is: string } | null {
  if (target.kind === 'value') {
    const at = targets.findIndex((value) => !Number.isFinite(value));
    return at < 0 ? null : { at, is: `has the target ${targets[at]}, which is not finite` };
  }
  const { length } = target.names;
  const at = targets.findIndex((index) => !(Number.isInteger(index) && index >= 0 && index < length));
  return at < 0
    ? null
    : { at, is: `is of class ${targets[at]}; there are ${length}, from 0 to ${length - 1}` };
}

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

const bytesOf = ({ buffer, byteOffset, byteLength }: Inputs | Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
