import type { Fed } from '../../backend/sessions.js';
import type { Batch } from '../../data/loader.js';
import type { Optimizer } from '../../optim/optimizer.js';
import type { ParameterGroup } from '../../optim/update-rule.js';
import type { Task } from '../../task/index.js';
import { BYTES_PER_NUMBER, type PixelTransforms } from './pixels.js';
import type { Feed } from './session.js';

/** The placeholder of everything that changes from step to step: the factor on the sum of losses and the optimizer's coefficients. */
export const NUMBERS = 'numbers';
export const SCALE = 'scale';

/** The placeholders of one size of batches. */
export const feedNames = (kind: 'train' | 'evaluate', size: number) => ({
  inputs: `${kind}/${size}/inputs`,
  targets: `${kind}/${size}/targets`,
  batchKey: `${kind}/${size}/batch_key`,
});

/**
 * @param kind what the batch is for
 * @param batch the batch
 * @param parts what the graph was compiled for: the task, and the bytes of pixels, or floats or tokens where these are null
 * @returns what its placeholders are fed
 * @throws Error when the graph wants bytes and the batch has none
 */
export function batchFeeds(
  kind: 'train' | 'evaluate',
  batch: Batch,
  { task: { targets }, pixels }: { readonly task: Task; readonly pixels: PixelTransforms | null },
): Feed[] {
  const { size, epoch, index } = batch;
  const names = feedNames(kind, size);
  return [
    { name: names.inputs, ...inputsOf(batch, pixels) },
    { name: names.targets, values: batch.targets, shape: [size, ...targets.shape] },
    { name: names.batchKey, values: Int32Array.of(epoch, index), shape: [2] },
  ];
}

/**
 * @param batch the batch: what it makes when it is first asked for is made
 * @param pixels the bytes of pixels that the graph was compiled for; null: it takes floats or tokens
 * @returns the inputs, or where they lie
 */
export const inputsOf = (batch: Batch, pixels: PixelTransforms | null): Fed =>
  pixels ? bytesOf(batch) : numbersOf(batch);

/** Floats, or the int32 of tokens: of what the array is. */
function numbersOf(batch: Batch): Fed {
  const shape = [batch.size, ...batch.shape];
  // Those of images are bytes.
  if (batch.rows?.from instanceof Float32Array)
    return { values: batch.rows.from, records: batch.rows.records, shape };
  return { values: batch.inputs, shape };
}

function bytesOf(batch: Batch): Fed {
  if (batch.rows) {
    const each = batch.shape.reduce((product, length) => product * length, 1) / BYTES_PER_NUMBER;
    return { values: batch.rows.from, records: batch.rows.records, shape: [batch.size * each] };
  }
  const { bytes } = batch;
  if (!bytes) throw new Error('a program that was compiled for bytes was given a batch without');
  const numbers = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / BYTES_PER_NUMBER);
  return { values: numbers, shape: [numbers.length] };
}

/** What a coefficient of a group is called among the numbers that are fed. */
export const coefficientName = (group: number, name: string): string =>
  group === 0 ? name : `group ${group}/${name}`;

/**
 * @param optimizer whose groups are set for the step
 * @param step which optimizer step it is, counted from 1
 * @returns the coefficients of all groups, by the names that they are fed under
 */
export function coefficientsOf({ groups }: Optimizer, step: number): Map<string, number> {
  const ofGroup = (group: ParameterGroup, index: number) =>
    Object.entries(group.coefficients(group.lr, step, group.momentum ?? 0)).map(
      ([name, value]) => [coefficientName(index, name), value] as const,
    );
  return new Map(groups.flatMap(ofGroup));
}

/**
 * @param optimizer whose coefficients are fed, in the order in which the graph was compiled for them
 * @param at the factor on the sum of the losses, and which optimizer step it is, counted from 1
 * @returns what the placeholder of the numbers is fed
 */
export function numbersFeed(
  optimizer: Optimizer,
  { scale, step }: { readonly scale: number; readonly step: number },
): Feed {
  const values = Float32Array.of(scale, ...coefficientsOf(optimizer, step).values());
  return { name: NUMBERS, values, shape: [values.length] };
}
