import type { Batch } from '../../data/loader.js';
import type { Optimizer } from '../../optim/optimizer.js';
import type { ParameterGroup } from '../../optim/update-rule.js';
import { BYTES_PER_NUMBER, type PixelTransforms } from './pixels.js';
import type { Feed } from './session.js';

/** The placeholder of everything that changes from step to step: the factor on the sum of losses and the optimizer's coefficients. */
export const NUMBERS = 'numbers';
export const SCALE = 'scale';

/** The placeholders of one size of batches. */
export interface FeedNames {
  readonly inputs: string;
  readonly targets: string;
  readonly batchKey: string;
}

const namesOfSize = { train: new Map<number, FeedNames>(), evaluate: new Map<number, FeedNames>() };

/** The placeholders of one size of batches. Always the same strings: they are looked up at each step. */
export function feedNames(kind: 'train' | 'evaluate', size: number): FeedNames {
  const known = namesOfSize[kind].get(size);
  if (known !== undefined) return known;
  const nameOf = (what: string) => `${kind}/${size}/${what}`;
  const names = {
    inputs: nameOf('inputs'),
    targets: nameOf('targets'),
    batchKey: nameOf('batch_key'),
  };
  namesOfSize[kind].set(size, names);
  return names;
}

/** What inputs are fed: values, or rows of them. */
type Inputs = Pick<Feed, 'values' | 'records'>;

/**
 * @param kind what the batch is for
 * @param batch the batch
 * @param pixels the bytes of pixels that the graph was compiled for; null: it takes floats or tokens
 * @returns what its placeholders are fed
 * @throws Error when the graph wants bytes and the batch has none
 */
export function batchFeeds(kind: 'train' | 'evaluate', batch: Batch, pixels: PixelTransforms | null): Feed[] {
  const { size, epoch, index } = batch;
  const names = feedNames(kind, size);
  const { values, records } = inputsOf(batch, pixels);
  return [
    { name: names.inputs, values, records },
    { name: names.targets, values: batch.targets },
    { name: names.batchKey, values: Int32Array.of(epoch, index) },
  ];
}

/**
 * @param batch the batch: what it makes when it is first asked for is made
 * @param pixels the bytes of pixels that the graph was compiled for; null: it takes floats or tokens
 * @returns the inputs, or where they lie
 */
export const inputsOf = (batch: Batch, pixels: PixelTransforms | null): Inputs =>
  pixels ? bytesOf(batch) : numbersOf(batch);

/** Floats, or the int32 of tokens: of what the array is. */
function numbersOf(batch: Batch): Inputs {
  // Those of images are bytes.
  if (batch.rows?.from instanceof Float32Array)
    return { values: batch.rows.from, records: batch.rows.records };
  return { values: batch.inputs };
}

function bytesOf(batch: Batch): Inputs {
  if (batch.rows) return { values: batch.rows.from, records: batch.rows.records };
  const { bytes } = batch;
  if (!bytes) throw new Error('a program that was compiled for bytes was given a batch without');
  return { values: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / BYTES_PER_NUMBER) };
}

/** What a coefficient of a group is called among the numbers that are fed. */
export const coefficientName = (group: number, name: string): string =>
  group === 0 ? name : `group ${group}/${name}`;

const coefficients = (group: ParameterGroup, step: number): Readonly<Record<string, number>> =>
  group.coefficients(group.lr, step, group.momentum ?? 0);

/** The numbers that change from step to step. */
export class StepNumbers {
  /** What they are called, in the order in which they are fed. */
  readonly names: readonly string[];
  readonly #groups: readonly ParameterGroup[];
  /** Always the same memory: what is fed is copied at once. */
  readonly #feed: Feed & { readonly values: Float32Array };

  /** @param optimizer whose coefficients they are, besides the factor on the sum of the losses */
  constructor({ groups }: Pick<Optimizer, 'groups'>) {
    const namesOf = (group: ParameterGroup, index: number) =>
      Object.keys(coefficients(group, 1)).map((name) => coefficientName(index, name));
    this.#groups = groups;
    this.names = [SCALE, ...groups.flatMap(namesOf)];
    this.#feed = { name: NUMBERS, values: new Float32Array(this.names.length) };
  }

  /**
   * @param scale the factor on the sum of the losses
   * @param step which optimizer step it is, counted from 1: the groups are set for it
   * @returns what the placeholder of the numbers is fed, to be used before it is asked for anew
   */
  feed(scale: number, step: number): Feed {
    const { values } = this.#feed;
    let at = 0;
    values[at++] = scale;
    for (const group of this.#groups) {
      const own = coefficients(group, step);
      for (const name in own) values[at++] = own[name]!;
    }
    return this.#feed;
  }
}
