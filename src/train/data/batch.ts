import { LossnetError } from '../../base/errors.js';
import type { Targets } from '../loss/index.js';
import { engineDimensions, type ImageShape } from '../model/shape.js';
import { RandomStream } from '../random.js';
import { createTask } from '../task/index.js';
import { type Dataset, type InputFile, imageReader, type TokenWindows } from './dataset.js';
import { type BatchTransforms, cropAtRandom, flip, pixelTables, writePixels } from './transforms.js';

/** Some samples and their targets, ready for the model. */
export interface Batch {
  readonly epoch: number;
  /** Position in the epoch, from 0. */
  readonly index: number;
  /** Number of samples. */
  readonly size: number;
  /** Shape of one of them, as the engine orders it: of an image [height, width, channels]. */
  readonly shape: readonly number[];
  /**
   * [size, ...shape]: features as they are, tokens as int32; pixels in [0, 1], normalised, or bytes as they are, made when
   * first asked for.
   */
  readonly inputs: Float32Array | Int32Array;
  /** Pixels as bytes, before `transforms.scale` and `normalize`: what a program that does these itself takes. */
  readonly bytes?: Uint8Array;
  /** [size, ...], as the task has them: of classes [size], class indices. */
  readonly targets: Targets;
}

/**
 * @param batch a batch
 * @param first, end which of its samples
 * @param index the number that it is to have in the epoch
 * @returns a batch of these samples alone
 */
export function partOf(batch: Batch, first: number, end: number, index: number): Batch {
  const place = { epoch: batch.epoch, index, size: end - first };
  // Copies: TensorFlow reads memory from its beginning.
  const rows = <T extends Batch['inputs'] | Batch['targets'] | Uint8Array>(values: T): T => {
    const each = values.length / batch.size;
    return values.slice(first * each, end * each) as T;
  };
  const targets = rows(batch.targets);
  if (batch instanceof ImageBatch) return batch.part(place, first, targets);
  return { ...place, shape: batch.shape, inputs: rows(batch.inputs), targets };
}

/** Which batch of a run it is. */
export type BatchPlace = Pick<Batch, 'epoch' | 'index' | 'size'>;

/** Copies samples out of a data set into batches. */
export interface Cutter {
  /**
   * @param place which batch it is: decides augmentation
   * @param recordAt the record of each sample, by its position in the batch
   */
  cut(place: BatchPlace, recordAt: (i: number) => number): Batch;
}

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
    return new ImageCutter(imageReader(dataset), spec.input, { transforms, seed, cutTargets });
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

/** The targets of a batch. */
type TargetCutter = (size: number, recordAt: (i: number) => number) => Targets;

function targetCutter({ targets, targetStride, spec }: Dataset): TargetCutter {
  const { dtype, shape } = createTask(spec.target).targets;
  const each = sizeOf(shape);
  return (size, recordAt) => {
    const own = dtype === 'int32' ? new Int32Array(size * each) : new Float32Array(size * each);
    for (let i = 0; i < size; i++) {
      const first = recordAt(i) * (targetStride ?? each);
      for (let k = 0; k < each; k++) own[i * each + k] = targets[first + k]!;
    }
    return own;
  };
}

function featureCutter(inputs: Float32Array, shape: readonly number[], cutTargets: TargetCutter): Cutter {
  const length = sizeOf(shape);
  return {
    cut(place, recordAt) {
      const { size } = place;
      const own = new Float32Array(size * length);
      for (let i = 0; i < size; i++) {
        const record = recordAt(i);
        own.set(inputs.subarray(record * length, (record + 1) * length), i * length);
      }
      return { ...place, shape, inputs: own, targets: cutTargets(size, recordAt) };
    },
  };
}

function tokenCutter({ tokens, stride }: TokenWindows, length: number, cutTargets: TargetCutter): Cutter {
  return {
    cut(place, recordAt) {
      const { size } = place;
      const own = new Int32Array(size * length);
      for (let i = 0; i < size; i++) {
        const first = recordAt(i) * stride;
        own.set(tokens.subarray(first, first + length), i * length);
      }
      return { ...place, shape: [length], inputs: own, targets: cutTargets(size, recordAt) };
    },
  };
}

class ImageCutter implements Cutter {
  readonly #tables: readonly Float32Array[];
  readonly #shape: readonly number[];
  /** Where an image is cropped and flipped. Never handed out. */
  readonly #scratch: Uint8Array;

  constructor(
    private readonly imageAt: InputFile['read'],
    private readonly size: ImageShape,
    private readonly options: {
      readonly transforms: BatchTransforms;
      readonly seed: number;
      readonly cutTargets: TargetCutter;
    },
  ) {
    this.#tables = pixelTables(size.channels, options.transforms);
    this.#shape = engineDimensions(size);
    this.#scratch = new Uint8Array(sizeOf(this.#shape));
  }

  cut(place: BatchPlace, recordAt: (i: number) => number): Batch {
    const cutBytes = (first: number, end: number) => this.#bytes(place, recordAt, first, end);
    const targets = this.options.cutTargets(place.size, recordAt);
    return new ImageBatch({ ...place, shape: this.#shape }, cutBytes, targets, this.#tables);
  }

  /** Some images of a batch. */
  #bytes(
    { epoch, index }: BatchPlace,
    recordAt: (i: number) => number,
    first: number,
    end: number,
  ): Uint8Array {
    const { transforms, seed } = this.options;
    const { randomCrop, randomFlip } = transforms;
    const length = sizeOf(this.#shape);
    const bytes = new Uint8Array((end - first) * length);
    // Seeding takes longer than copying an image: not where nothing is drawn.
    const random = randomCrop || randomFlip ? new RandomStream(seed, 'augment', epoch, index) : null;
    // What is drawn for an image follows from what was drawn for those before.
    for (let i = random ? 0 : first; i < end; i++) {
      const image = this.imageAt(recordAt(i));
      const seen = random ? this.#augment(image, random) : image;
      if (i >= first) bytes.set(seen, (i - first) * length);
    }
    return bytes;
  }

  /** Crops and flips into the scratch image; an image that stays as it is is not copied. */
  #augment(image: Uint8Array, random: RandomStream): Uint8Array {
    const { randomCrop, randomFlip } = this.options.transforms;
    if (randomCrop) cropAtRandom(this.#scratch, image, this.size, randomCrop.padding, random);
    const flipped = randomFlip && random.float() < randomFlip.p;
    if (flipped) {
      if (!randomCrop) this.#scratch.set(image);
      flip(this.#scratch, this.size);
    }
    return randomCrop || flipped ? this.#scratch : image;
  }
}

/** Cuts the images from `first` to `end` out of a data set. */
type BytesCutter = (first: number, end: number) => Uint8Array;

/** A batch of images that are copied, and made floats, only when something asks for them: of several processes each has a part. */
class ImageBatch implements Batch {
  readonly epoch: number;
  readonly index: number;
  readonly size: number;
  readonly shape: readonly number[];
  readonly #tables: readonly Float32Array[];
  readonly #cutBytes: BytesCutter;
  #bytes: Uint8Array | undefined;
  #inputs: Float32Array | undefined;

  constructor(
    at: BatchPlace & Pick<Batch, 'shape'>,
    cutBytes: BytesCutter,
    readonly targets: Targets,
    tables: readonly Float32Array[],
  ) {
    this.epoch = at.epoch;
    this.index = at.index;
    this.size = at.size;
    this.shape = at.shape;
    this.#cutBytes = cutBytes;
    this.#tables = tables;
  }

  /** A batch of the images from `first` on. */
  part(place: BatchPlace, first: number, targets: Targets): ImageBatch {
    const cutBytes: BytesCutter = (from, end) => this.#cutBytes(first + from, first + end);
    return new ImageBatch({ ...place, shape: this.shape }, cutBytes, targets, this.#tables);
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.#cutBytes(0, this.size);
    return this.#bytes;
  }

  get inputs(): Float32Array {
    if (this.#inputs === undefined) {
      this.#inputs = new Float32Array(this.bytes.length);
      writePixels(this.#inputs, this.bytes, this.#tables);
    }
    return this.#inputs;
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
