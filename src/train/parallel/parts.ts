import { type Batch, partOf } from '../data/batch.js';
import type { Rank } from './group.js';

/** A rank, and into how many parts each batch is cut. */
export interface Share extends Rank {
  /** A multiple of the number of ranks: each has as many. */
  readonly parts: number;
}

/** @returns the numbers of the parts that are a rank's own */
export function ownParts({ rank, size, parts }: Share): number[] {
  const each = parts / size;
  return Array.from({ length: each }, (_, i) => rank * each + i);
}

/** Where a part of a batch begins and ends. As even as can be: of 10 samples, 4 parts have 2, 3, 2 and 3. */
export const boundsOf = (part: number, parts: number, samples: number): readonly [number, number] => [
  Math.floor((part * samples) / parts),
  Math.floor(((part + 1) * samples) / parts),
];

/**
 * Cuts a part out of a batch. Which samples it has follows from the batch alone, so that a run means the same on any number
 * of ranks. A part has a number of its own in the epoch, so that no two of them draw the same dropout.
 *
 * @param batch the whole
 * @param part which, counted from 0
 * @param parts how many there are
 * @returns the part; null when the batch is so small that nothing is left for it
 */
export function cutPart(batch: Batch, part: number, parts: number): Batch | null {
  const [first, end] = boundsOf(part, parts, batch.size);
  return first === end ? null : partOf(batch, first, end, batch.index * parts + part);
}

/**
 * @param samples of a batch
 * @param numbers of the parts in question
 * @param parts how many there are in all
 * @returns how many samples these parts have, each size once; parts without any are left out
 */
export function partSizes(samples: number, numbers: readonly number[], parts: number): number[] {
  const sizes = numbers.map((part) => {
    const [first, end] = boundsOf(part, parts, samples);
    return end - first;
  });
  return [...new Set(sizes)].filter((size) => size > 0);
}
