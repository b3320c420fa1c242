import type { Batch } from '../data/batch.js';

/** Values above this are finite, but not what is made of them: the square of 1.8e19 is beyond float32. */
const LARGEST = 1e18;

/** Where a part of a batch was cut from. */
export interface CutFrom {
  /** Position of the whole batch in the epoch, from 0. */
  readonly index: number;
  /** Position of the part's first sample in it, from 0. */
  readonly first: number;
}

/** A sample that no loss can be computed of. */
export interface OddSample {
  /** Where it is: `sample 3 of batch 1`, counted from 1, in the order of the epoch. */
  readonly place: string;
  /** What is odd: `an input` or `a target`, and its value. */
  readonly what: string;
  readonly isFinite: boolean;
}

/**
 * Looks for a sample whose numbers are not finite, or so large that what is computed of them is not.
 *
 * @param batch as the model sees it
 * @param from where it was cut from, for a part of a batch. Default: it is whole
 * @returns the first such sample; null: there is none
 */
export function oddSample({ inputs, targets, size, index }: Batch, from?: CutFrom): OddSample | null {
  for (const [name, values] of [
    ['an input', inputs],
    ['a target', targets],
  ] as const) {
    if (!(values instanceof Float32Array)) continue;
    // Not so for whatever is no number, which no comparison holds for.
    const at = values.findIndex((value) => !(Math.abs(value) <= LARGEST));
    if (at < 0) continue;
    const sample = Math.floor(at / (values.length / size));
    const value = values[at]!;
    return {
      place: `sample ${(from?.first ?? 0) + sample + 1} of batch ${(from?.index ?? index) + 1}`,
      what: `${name} of ${Number.isFinite(value) ? value.toPrecision(2) : value}`,
      isFinite: Number.isFinite(value),
    };
  }
  return null;
}
