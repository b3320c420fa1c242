import type { ImageShape } from '../model/shape.js';
import type { Target } from '../task/index.js';

/** What is known of a data set before it is loaded: a model and a loss are checked against it. */
export interface DataSpec {
  /** Its name, for example `cifar10`. */
  readonly name: string;
  /** What the model sees of one sample. */
  readonly input: ImageShape;
  /** What is to be said of a sample: decides the task. */
  readonly target: Target;
}

/** What a sample is called: by what the model sees of it. */
export function sampleNoun({ input }: DataSpec): 'image' | 'sample' {
  return input.kind === 'image' ? 'image' : 'sample';
}

/** What a run's data was, recorded with it so that results can be traced and compared. */
export interface DatasetIdentity {
  /** The data set that the bytes come from, for example `cifar10`. */
  readonly name: string;
  readonly split: Split;
  /** The folder that was read, or `generated` for data made in memory. */
  readonly source: string;
  readonly records: number;
  /** SHA-256 over all input and target bytes, in order. */
  readonly sha256: string;
  /** The data set that was asked for, when this one only stands in for it. */
  readonly standsInFor?: string;
}

export type Split = 'train' | 'test';

/** Labelled samples in memory. They stay bytes until a batch is made of them. */
export interface Dataset {
  readonly identity: DatasetIdentity;
  readonly spec: DataSpec;
  /** [records, ...], each as the engine orders its input: of an image [height, width, channels]. */
  readonly inputs: Uint8Array;
  /** Class index of each record. */
  readonly targets: Uint8Array;
}
