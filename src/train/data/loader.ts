import { createHash } from 'node:crypto';
import { LossnetError } from '../../base/errors.js';
import { RandomStream } from '../random.js';
import { BalancedSampler } from './balanced-sampler.js';
import type { Batch, Cutter } from './batch.js';
import { createCutter } from './cutter.js';
import { type DataSpec, type Dataset, unitOf } from './dataset.js';
import type { BatchTransforms } from './transforms.js';

export type { Batch } from './batch.js';

export interface LoaderOptions {
  /** Samples per batch. */
  readonly batchSize: number;
  /** Visit the samples in a new random order each epoch. */
  readonly shuffle: boolean;
  /** balanced: draw samples so that every class comes up as often, in place of each once; null or absent: each once. */
  readonly sampler?: 'balanced' | null;
  /** Leave out the last batch when it is short. */
  readonly dropLast: boolean;
  /** Use the first so many records only, or all when there are fewer; null or absent: all. */
  readonly limit?: number | null;
  /** Seed of the run. */
  readonly seed: number;
  readonly transforms: BatchTransforms;
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
  readonly records: number;
  readonly #cutter: Cutter;
  readonly #sampler: BalancedSampler | null;

  /**
   * @param dataset the samples
   * @param options how to cut, order and transform them
   * @throws LossnetError `LOSSNET_DATA_OPTION` when an option is impossible, does not suit the data, or leaves no batch
   */
  constructor(
    readonly dataset: Dataset,
    readonly options: LoaderOptions,
  ) {
    check(dataset, options);
    const { batchSize, dropLast, limit, transforms, seed } = options;
    const records = Math.min(dataset.identity.records, limit ?? Number.POSITIVE_INFINITY);
    this.batchSize = batchSize;
    this.length = dropLast ? Math.floor(records / batchSize) : Math.ceil(records / batchSize);
    this.samples = dropLast ? this.length * batchSize : records;
    if (this.length === 0) {
      throw new LossnetError(
        'LOSSNET_DATA_OPTION',
        `There is no batch to train on: ${records} ${unitOf(dataset.spec)}, batches of ${batchSize}, short ones left out.`,
        `Set loader.batch_size to ${records} or less, or loader.drop_last to false.`,
      );
    }
    this.records = records;
    this.#cutter = createCutter(dataset, transforms, seed);
    this.#sampler = options.sampler ? new BalancedSampler(dataset, records) : null;
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
    const { limit, sampler, ...others } = this.options;
    // As it was before there were samplers.
    const options = sampler ? { ...others, sampler } : others;
    const order = this.#order(0) ?? new Uint32Array(0);
    return createHash('sha256')
      .update(JSON.stringify([this.dataset.identity.sha256, this.records, options]))
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
    if (this.#sampler) return this.#sampler.draw(seed, epoch);
    return shuffle ? new RandomStream(seed, 'shuffle', epoch).permutation(this.records) : null;
  }

  #batch(epoch: number, index: number, order: Uint32Array | null): Batch {
    const first = index * this.batchSize;
    const size = Math.min(this.batchSize, this.samples - first);
    const records =
      order?.subarray(first, first + size) ?? Uint32Array.from({ length: size }, (_, i) => first + i);
    return this.#cutter.cut({ epoch, index, size }, records);
  }
}

function check({ spec }: Dataset, { batchSize, limit, transforms, ...how }: LoaderOptions): void {
  const { randomCrop, randomFlip } = transforms;
  const problems = [
    ...positiveInteger('batch size', batchSize),
    ...positiveInteger('limit', limit),
    ...positiveInteger('padding of the random crop', randomCrop?.padding),
    ...(randomFlip && !(randomFlip.p >= 0 && randomFlip.p <= 1)
      ? [`probability of the random flip: ${randomFlip.p} is not in 0 … 1`]
      : []),
    ...transformProblems(spec, transforms),
    ...samplerProblems(spec, how),
  ];
  if (problems.length > 0) throw new LossnetError('LOSSNET_DATA_OPTION', problems.join('\n'));
}

function transformProblems({ name, input }: DataSpec, transforms: BatchTransforms): string[] {
  const { normalize } = transforms;
  if (input.kind === 'image') return normalize ? channelProblems(input.channels, normalize) : [];
  const set = (['randomCrop', 'randomFlip', 'normalize'] as const).filter((key) => transforms[key]);
  return set.map((key) => `${key}: ${name} has ${input.kind}, and this is for images`);
}

function samplerProblems(
  { name, target }: DataSpec,
  { sampler, shuffle }: Pick<LoaderOptions, 'sampler' | 'shuffle'>,
): string[] {
  if (!sampler) return [];
  return [
    ...(target.kind === 'class'
      ? []
      : [`sampler: ${name} has real values to tell, and ${sampler} is for classes`]),
    ...(shuffle ? [] : [`sampler: ${sampler} draws by lot, and shuffle is false`]),
  ];
}

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
