import { dimensions, type FeaturesShape, type ImageShape, type TokensShape } from '../model/shape.js';
import type { Target } from '../task/index.js';

/** [records, ...], each as the engine orders its input: of an image [height, width, channels] bytes, of features floats. */
export type Inputs = Uint8Array | Float32Array;

/** Images that are read one by one: there may be more of them than the memory holds, or they lie in another order. */
export interface InputFile {
  /**
   * @param record which, from 0
   * @returns its bytes, [height, width, channels]: they are the next one's once that is read
   * @throws LossnetError when it cannot be read any more
   */
  read(record: number): Uint8Array;
  /** All of them, where they are in memory, and at which place each is; absent: they are not. */
  readonly held?: { readonly bytes: Uint8Array; readonly places: Uint32Array } | undefined;
}

/** Stretches of a row of tokens. Neighbouring ones overlap, so that they are not kept one by one. */
export interface TokenWindows {
  /** The row: numbers below the size of the vocabulary. */
  readonly tokens: Uint8Array | Uint16Array | Int32Array;
  /** After how many tokens the next stretch begins. */
  readonly stride: number;
}

/** What is known of a data set before it is loaded: a model and a loss are checked against it. */
export interface DataSpec {
  /** Its name, for example `cifar10`. */
  readonly name: string;
  /** What the model sees of one sample: of an image pixels, of a row of a table numbers, of a text tokens. */
  readonly input: ImageShape | FeaturesShape | TokensShape;
  /** What is to be said of a sample: decides the task. */
  readonly target: Target;
  /** Whether there are samples that are left for the end. Absent: there are none. */
  readonly hasTest?: boolean;
}

/** What a sample is called: by what the model sees of it. */
export type SampleNoun = (typeof NOUNS)[keyof typeof NOUNS];

const NOUNS = { image: 'image', features: 'row', tokens: 'sequence' } as const;

/** What a sample of these data is called. */
export const sampleNoun = ({ input }: Pick<DataSpec, 'input'>): SampleNoun => NOUNS[input.kind];

/** Several of them. */
export const unitOf = (spec: Pick<DataSpec, 'input'>): `${SampleNoun}s` => `${sampleNoun(spec)}s`;

/** Where official data sets are looked for, unless another folder is named. */
export const DEFAULT_ROOT = 'data';

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
  /** What it was taken out of, where a part of a data set was held out. */
  readonly from?: { readonly split: Split; readonly records: number; readonly sha256: string };
  /** Of a table: what each of its columns was taken for, such as `age: number`. */
  readonly columns?: readonly string[];
}

/** `val` is held out of what could be trained on, to choose with; `test` is left for the end, where there is a `val`. */
export type Split = 'train' | 'val' | 'test';

/** What data sets have that come in two parts. */
export type OfficialSplit = Exclude<Split, 'val'>;

/** Which of its two parts a run recorded of a data set that comes in two. */
export const officialSplit = ({ split }: DatasetIdentity): OfficialSplit =>
  split === 'train' ? 'train' : 'test';

/** Samples in memory, with what is to be said of them. Images stay bytes until a batch is made of them. */
export interface Dataset {
  readonly identity: DatasetIdentity;
  readonly spec: DataSpec;
  readonly inputs: Inputs | InputFile | TokenWindows;
  /** [records, ...], as the task has them: class indices, or real values. Those of a sample begin where `targetsOf` says. */
  readonly targets: Uint8Array | Int32Array | Float32Array;
  /** How far the targets of one sample are from those of the next, which may overlap; absent: as many as it has. */
  readonly targetStride?: number;
  /**
   * What a sample is called where it came from: a file, or a row. Absent: it has but its position.
   *
   * @param record which, from 0
   * @param target of several targets which, from 0; absent: all of them
   */
  readonly nameOf?: (record: number, target?: number) => string;
}

/**
 * @param dataset the samples
 * @param record which of them, from 0
 * @returns what is to be said of it
 */
export function targetsOf(
  { targets, targetStride, spec, identity }: Pick<Dataset, 'targets' | 'targetStride' | 'spec' | 'identity'>,
  record: number,
): Dataset['targets'] {
  const { target } = spec;
  const each = target.kind === 'class' ? (target.length ?? 1) : targets.length / identity.records;
  const first = record * (targetStride ?? each);
  return targets.subarray(first, first + each);
}

/** The samples of a data set that is known to be held in memory as a whole. */
export function inMemory({ inputs, identity }: Pick<Dataset, 'inputs' | 'identity'>): Inputs {
  if ('read' in inputs || 'tokens' in inputs) throw new Error(`${identity.name} is not held in memory.`);
  return inputs;
}

/**
 * @param dataset of images
 * @returns what gives the bytes of one, [height, width, channels]: they are the next one's once that is asked for
 */
export function imageReader({ inputs, spec }: Pick<Dataset, 'inputs' | 'spec'>): InputFile['read'] {
  if ('read' in inputs) return (record) => inputs.read(record);
  const length = dimensions(spec.input).reduce((product, size) => product * size, 1);
  const bytes = inputs as Uint8Array;
  return (record) => bytes.subarray(record * length, (record + 1) * length);
}

/**
 * How many samples there are of each class; where a sample has several targets, how many of these.
 *
 * @param dataset the samples, with classes for targets
 * @param records how many of them are in use, from the first on; default: all
 * @returns [classes]; null where real values are to be told
 */
export function classCounts(dataset: Dataset, records = dataset.identity.records): number[] | null {
  const { targets, spec } = dataset;
  const { target } = spec;
  if (target.kind !== 'class') return null;
  const counts = new Array<number>(target.names.length).fill(0);
  if (target.length !== undefined) {
    for (let i = 0; i < records; i++) for (const own of targetsOf(dataset, i)) counts[own]! += 1;
    return counts;
  }
  // A table may have millions of rows.
  for (let i = 0; i < records; i++) counts[targets[i]!]! += 1;
  return counts;
}
