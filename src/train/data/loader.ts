import { createHash } from 'node:crypto';
import { LossnetError } from '../../base/errors.js';
import type { Targets } from '../loss/index.js';
import { engineDimensions } from '../model/shape.js';
import { RandomStream } from '../random.js';
import type { Dataset } from './dataset.js';
import { type BatchTransforms, cropAtRandom, flip, pixelTables, writePixels } from './transforms.js';

export interface LoaderOptions {
  /** Samples per batch. */
  readonly batchSize: number;
  /** Visit the samples in a new random order each epoch. */
  readonly shuffle: boolean;
  /** Leave out the last batch when it is short. */
  readonly dropLast: boolean;
  /** Use the first so many records only, or all when there are fewer; null or absent: all. */
  readonly limit?: number | null;
  /** Seed of the run. */
  readonly seed: number;
  readonly transforms: BatchTransforms;
}

/** Some samples and their targets, ready for the model. */
export interface Batch {
  readonly epoch: number;
  /** Position in the epoch, from 0. */
  readonly index: number;
  /** Number of samples. */
  readonly size: number;
  /** Shape of one of them, as the engine orders it: of an image [height, width, channels]. */
  readonly shape: readonly number[];
  /** [size, ...shape], pixels in [0, 1], normalised, or bytes as they are; made when first asked for. */
  readonly inputs: Float32Array;
  /** The same as bytes, before `transforms.scale` and `normalize`: what a program that does these itself takes. */
  readonly bytes?: Uint8Array;
  /** [size, ...], as the task has them: of classes [size], class indices. */
  readonly targets: Targets;
}

/**
 * Cuts a data set into batches. Order and augmentation are pure functions of the seed, the epoch and the batch, so
 * any batch of any epoch can be made alone: a resumed run sees exactly what it would have seen.
 */
export class DataLoader {
  readonly batchSize: number;
  /** Samples per epoch. */
  readonly samples: number;
  /** Batches per epoch. */
  readonly length: number;
  /** Records in use, also those that `dropLast` leaves out of an epoch. */
  readonly #records: number;
  readonly #tables: readonly Float32Array[];
  readonly #shape: readonly number[];
  /** Where an image is cropped and flipped. Never handed out. */
  readonly #scratch: Uint8Array;

  /**
   * @param dataset the samples
   * @param options how to cut, order and transform them
   * @throws LossnetError `LOSSNET_DATA_OPTION` when an option is impossible, or leaves no batch
   */
  constructor(
    readonly dataset: Dataset,
    readonly options: LoaderOptions,
  ) {
    check(dataset, options);
    const { batchSize, dropLast, limit, transforms } = options;
    const records = Math.min(dataset.targets.length, limit ?? Number.POSITIVE_INFINITY);
    this.batchSize = batchSize;
    this.length = dropLast ? Math.floor(records / batchSize) : Math.ceil(records / batchSize);
    this.samples = dropLast ? this.length * batchSize : records;
    if (this.length === 0) {
      throw new LossnetError(
        'LOSSNET_DATA_OPTION',
        `There is no batch to train on: ${records} images, batches of ${batchSize}, short ones left out.`,
        `Set loader.batch_size to ${records} or less, or loader.drop_last to false.`,
      );
    }
    this.#records = records;
    this.#tables = pixelTables(dataset.spec.input.channels, transforms);
    this.#shape = engineDimensions(dataset.spec.input);
    this.#scratch = new Uint8Array(sizeOf(this.#shape));
  }

  /** The sizes that batches have: the last one may be short. */
  get sizes(): number[] {
    const last = this.samples - (this.length - 1) * this.batchSize;
    return this.length === 1 || last === this.batchSize ? [last] : [this.batchSize, last];
  }

  /**
   * Identifies the batches of all epochs: two loaders that share it hand out the same ones in the same order. It covers
   * the data, how they are cut and transformed, the seed, and the order of the first epoch, from which, with the seed,
   * all others follow.
   */
  get orderSha256(): string {
    const { limit, ...options } = this.options;
    const order = this.#order(0) ?? new Uint32Array(0);
    return createHash('sha256')
      .update(JSON.stringify([this.dataset.identity.sha256, this.#records, options]))
      .update(new Uint8Array(order.buffer))
      .digest('hex');
  }

  /**
   * @param epoch which epoch, counted from 0: decides order and augmentation
   * @param start the first batch wanted, for going on within an epoch; `length`: none. Default 0
   * @returns yields the epoch's batches in order
   * @throws RangeError when `start` lies outside the epoch
   */
  *epoch(epoch: number, start = 0): Generator<Batch> {
    if (!(Number.isInteger(start) && start >= 0 && start <= this.length)) {
      throw new RangeError(`Batch ${start} is not in an epoch of ${this.length}.`);
    }
    const order = this.#order(epoch);
    for (let index = start; index < this.length; index++) yield this.#batch(epoch, index, order);
  }

  /** The records of an epoch in order; null: as they lie. */
  #order(epoch: number): Uint32Array | null {
    const { seed, shuffle } = this.options;
    return shuffle ? new RandomStream(seed, 'shuffle', epoch).permutation(this.#records) : null;
  }

  #batch(epoch: number, index: number, order: Uint32Array | null): Batch {
    const { inputs, targets } = this.dataset;
    const shape = this.#shape;
    const first = index * this.batchSize;
    const size = Math.min(this.batchSize, this.samples - first);
    const length = sizeOf(shape);
    const bytes = new Uint8Array(size * length);
    const classes = new Int32Array(size);
    const { randomCrop, randomFlip } = this.options.transforms;
    // Seeding takes longer than copying an image: not where nothing is drawn.
    const random =
      randomCrop || randomFlip ? new RandomStream(this.options.seed, 'augment', epoch, index) : null;
    for (let i = 0; i < size; i++) {
      const record = order ? order[first + i]! : first + i;
      const input = inputs.subarray(record * length, (record + 1) * length);
      bytes.set(random ? this.#augment(input, random) : input, i * length);
      classes[i] = targets[record]!;
    }
    return new LoadedBatch({ epoch, index, size, shape }, bytes, classes, this.#tables);
  }

  /** Crops and flips into the scratch image; an image that stays as it is is not copied. */
  #augment(image: Uint8Array, random: RandomStream): Uint8Array {
    const { randomCrop, randomFlip } = this.options.transforms;
    if (randomCrop) cropAtRandom(this.#scratch, image, this.dataset.spec.input, randomCrop.padding, random);
    const flipped = randomFlip && random.float() < randomFlip.p;
    if (flipped) {
      if (!randomCrop) this.#scratch.set(image);
      flip(this.#scratch, this.dataset.spec.input);
    }
    return randomCrop || flipped ? this.#scratch : image;
  }
}

/** A batch whose floats are made only when something asks for them. */
class LoadedBatch implements Batch {
  readonly epoch: number;
  readonly index: number;
  readonly size: number;
  readonly shape: readonly number[];
  readonly #tables: readonly Float32Array[];
  #inputs: Float32Array | undefined;

  constructor(
    at: Pick<Batch, 'epoch' | 'index' | 'size' | 'shape'>,
    readonly bytes: Uint8Array,
    readonly targets: Int32Array,
    tables: readonly Float32Array[],
  ) {
    this.epoch = at.epoch;
    this.index = at.index;
    this.size = at.size;
    this.shape = at.shape;
    this.#tables = tables;
  }

  get inputs(): Float32Array {
    if (this.#inputs === undefined) {
      this.#inputs = new Float32Array(this.bytes.length);
      writePixels(this.#inputs, this.bytes, this.#tables);
    }
    return this.#inputs;
  }
}

function check({ spec }: Dataset, { batchSize, limit, transforms }: LoaderOptions): void {
  const { randomCrop, randomFlip, normalize } = transforms;
  const problems = [
    ...positiveInteger('batch size', batchSize),
    ...positiveInteger('limit', limit),
    ...positiveInteger('padding of the random crop', randomCrop?.padding),
    ...(randomFlip && !(randomFlip.p >= 0 && randomFlip.p <= 1)
      ? [`probability of the random flip: ${randomFlip.p} is not in 0 … 1`]
      : []),
    ...(normalize ? channelProblems(spec.input.channels, normalize) : []),
  ];
  if (problems.length > 0) throw new LossnetError('LOSSNET_DATA_OPTION', problems.join('\n'));
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

function positiveInteger(name: string, value: number | null | undefined): string[] {
  if (value == null || (Number.isSafeInteger(value) && value > 0)) return [];
  return [`${name}: ${value} is not a positive integer`];
}

function channelProblems(channels: number, normalize: { mean: readonly number[]; std: readonly number[] }) {
  return (['mean', 'std'] as const).flatMap((name) => {
    const values = normalize[name];
    if (values.length !== channels) {
      return [`normalize.${name}: ${values.length} values for images of ${channels} channels`];
    }
    const usable = values.every((value) => Number.isFinite(value) && (name === 'mean' || value > 0));
    return usable ? [] : [`normalize.${name}: [${values.join(', ')}] holds a value that cannot be used`];
  });
}
