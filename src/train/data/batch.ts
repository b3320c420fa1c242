import type { Targets } from '../loss/index.js';

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
   * [size, ...shape]: features as they are, tokens as int32; pixels in [0, 1], normalised, or bytes as they are. Features and
   * pixels are made when first asked for.
   */
  readonly inputs: Float32Array | Int32Array;
  /** Pixels as bytes, before `transforms.scale` and `normalize`: what a program that does these itself takes. */
  readonly bytes?: Uint8Array;
  /** Where `bytes`, or `inputs` where there are none, lie already; absent: nowhere. */
  readonly rows?: Rows | null;
  /** [size, ...], as the task has them: of classes [size], class indices. */
  readonly targets: Targets;
  /** Some of its samples, made without the others. Absent: they are copied out of the whole. */
  part?(place: BatchPlace, first: number, targets: Targets): Batch;
}

/** Samples where they lie in a data set, for who copies them itself. */
export interface Rows {
  /** All that there are, one after the other; of pixels, 4 bytes in each number. */
  readonly from: Float32Array | Int32Array;
  /** Which of them, in order. */
  readonly records: Uint32Array;
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
  if (batch.part) return batch.part(place, first, targets);
  return { ...place, shape: batch.shape, inputs: rows(batch.inputs), targets };
}

/** Which batch of a run it is. */
export type BatchPlace = Pick<Batch, 'epoch' | 'index' | 'size'>;

/** Copies samples out of a data set into batches. */
export interface Cutter {
  /**
   * @param place which batch it is: decides augmentation
   * @param records of its samples, in order
   */
  cut(place: BatchPlace, records: Uint32Array): Batch;
}

/** The targets of a batch. */
export type TargetCutter = (records: Uint32Array) => Targets;
