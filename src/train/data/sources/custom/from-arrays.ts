import { createHash } from 'node:crypto';
import { LossnetError } from '../../../../base/errors.js';
import type { DataSpec, Dataset, DatasetIdentity, Split } from '../../dataset.js';
import type { DataSource } from '../../source.js';

/** Labelled samples, one after another. */
export interface Samples {
  /** [samples, height, width, channels]. */
  readonly inputs: Uint8Array;
  /** The class of each sample, from 0. */
  readonly targets: Uint8Array;
}

/** Data of one's own, in memory. */
export interface ArraysOptions {
  /** What they are called in records and reports. */
  readonly name: string;
  /** Channels, height and width of a sample. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Names of the classes, in the order of their numbers. */
  readonly classes: readonly string[];
  readonly train: Samples;
  readonly eval: Samples;
}

/**
 * A data set from arrays in memory.
 *
 * @param options what they are, and the samples
 * @returns the data set, for `loadConfig({ …, data })`
 * @throws LossnetError `LOSSNET_DATA_OPTION` when arrays and shape do not fit, or a target is of no class
 */
export function fromArrays({ name, shape, classes, train, eval: evaluation }: ArraysOptions): DataSource {
  const [channels, height, width] = shape;
  const spec: DataSpec = {
    name,
    input: { kind: 'image', channels, height, width },
    target: { kind: 'class', names: classes },
  };
  const sets = { train: datasetOf(spec, 'train', train), eval: datasetOf(spec, 'test', evaluation) };
  return {
    spec,
    load: async () => ({ ...sets, warnings: [] }),
    recall: async ({ split }: DatasetIdentity) => (split === 'train' ? sets.train : sets.eval),
  };
}

function datasetOf(spec: DataSpec, split: Split, { inputs, targets }: Samples): Dataset {
  const { name, input, target } = spec;
  const size = input.channels * input.height * input.width;
  const refuse = (message: string): never => {
    throw new LossnetError('LOSSNET_DATA_OPTION', `${name}: ${message}.`);
  };
  if (!(size > 0 && Number.isInteger(size))) refuse(`a sample cannot have the shape ${shapeText(spec)}`);
  if (targets.length === 0) refuse(`there is no ${split} sample`);
  if (inputs.length !== targets.length * size) {
    refuse(
      `${targets.length} ${split} samples of ${shapeText(spec)} have ${targets.length * size} bytes; received ${inputs.length}`,
    );
  }
  const odd = targets.findIndex((index) => index >= target.names.length);
  if (odd >= 0) {
    refuse(
      `${split} sample ${odd} is of class ${targets[odd]}; there are ${target.names.length}, from 0 to ${target.names.length - 1}`,
    );
  }
  const sha256 = createHash('sha256').update(inputs).update(targets).digest('hex');
  return {
    identity: { name, split, source: 'memory', records: targets.length, sha256 },
    spec,
    inputs,
    targets,
  };
}

const shapeText = ({ input: { channels, height, width } }: DataSpec) => `${channels} x ${height} x ${width}`;
