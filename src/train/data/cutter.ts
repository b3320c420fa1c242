import { LossnetError } from '../../base/errors.js';
import type { Targets } from '../loss/index.js';
import { engineDimensions } from '../model/shape.js';
import { createTask } from '../task/index.js';
import type { Batch, BatchPlace, Cutter, Rows, TargetCutter } from './batch.js';
import type { Dataset, TokenWindows } from './dataset.js';
import { ImageCutter } from './image-batch.js';
import type { BatchTransforms } from './transforms.js';

/**
 * @param dataset the samples
 * @param transforms what happens to images; features stay as they are
 * @param seed of the run
 * @returns what makes batches of them
 * @throws LossnetError `LOSSNET_DATA_OPTION` for images that are no bytes, and features that are no floats
 */
export function createCutter(dataset: Dataset, transforms: BatchTransforms, seed: number): Cutter {
  const { inputs, spec } = dataset;
  const cutTargets = targetCutter(dataset);
  if (spec.input.kind === 'tokens' && 'tokens' in inputs) {
    return tokenCutter(inputs, spec.input.length, cutTargets);
  }
  if (spec.input.kind === 'image' && !(inputs instanceof Float32Array)) {
    return new ImageCutter(dataset, spec.input, { transforms, seed, cutTargets });
  }
  if (spec.input.kind === 'features' && inputs instanceof Float32Array) {
    return featureCutter(inputs, engineDimensions(spec.input), cutTargets);
  }
  const type = inputs instanceof Float32Array ? 'floats' : 'bytes';
  throw new LossnetError(
    'LOSSNET_DATA_OPTION',
    `${spec.name}: ${spec.input.kind === 'image' ? 'images' : 'features'} cannot be ${type}.`,
    'Give images as Uint8Array, features as Float32Array.',
  );
}

function targetCutter({ targets, targetStride, spec }: Dataset): TargetCutter {
  const { dtype, shape } = createTask(spec.target).targets;
  const each = sizeOf(shape);
  const stride = targetStride ?? each;
  return (records) => {
    const size = records.length * each;
    const own = dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
    for (let i = 0; i < records.length; i++) {
      const first = records[i]! * stride;
      for (let k = 0; k < each; k++) own[i * each + k] = targets[first + k]!;
    }
    return own;
  };
}

function featureCutter(from: Float32Array, shape: readonly number[], cutTargets: TargetCutter): Cutter {
  return {
    cut: (place, records) => new FeatureBatch(place, shape, { from, records }, cutTargets(records)),
  };
}

class FeatureBatch implements Batch {
  readonly epoch: number;
  readonly index: number;
  readonly size: number;
  #inputs: Float32Array | undefined;

  constructor(
    { epoch, index, size }: BatchPlace,
    readonly shape: readonly number[],
    readonly rows: Rows & { readonly from: Float32Array },
    readonly targets: Targets,
  ) {
    this.epoch = epoch;
    this.index = index;
    this.size = size;
  }

  get inputs(): Float32Array {
    this.#inputs ??= this.#copied();
    return this.#inputs;
  }

  part(place: BatchPlace, first: number, targets: Targets): FeatureBatch {
    const { from, records } = this.rows;
    const own = records.subarray(first, first + place.size);
    return new FeatureBatch(place, this.shape, { from, records: own }, targets);
  }

  #copied(): Float32Array {
    const { from, records } = this.rows;
    const length = sizeOf(this.shape);
    const own = new Float32Array(this.size * length);
    for (const [i, record] of records.entries()) {
      own.set(from.subarray(record * length, (record + 1) * length), i * length);
    }
    return own;
  }
}

function tokenCutter({ tokens, stride }: TokenWindows, length: number, cutTargets: TargetCutter): Cutter {
  return {
    cut(place, records) {
      const own = new Int32Array(place.size * length);
      for (const [i, record] of records.entries()) {
        const first = record * stride;
        own.set(tokens.subarray(first, first + length), i * length);
      }
      return { ...place, shape: [length], inputs: own, targets: cutTargets(records) };
    },
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
