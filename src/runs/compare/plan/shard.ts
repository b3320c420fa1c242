import { UsageError } from '../../../base/errors.js';

/** A part of a comparison's runs that one of several machines trains. */
export interface Shard {
  /** Which part, from 1. */
  readonly index: number;
  /** How many parts there are. */
  readonly of: number;
}

/**
 * @param text such as `2/5`
 * @returns the second of five parts
 * @throws UsageError when it is none
 */
export function parseShard(text: string): Shard {
  const [, index, of] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index !== undefined && of !== undefined && index >= 1 && index <= of) return { index, of };
  throw new UsageError(
    'LOSSNET_USAGE',
    `--shard ${text}: expected a part and how many there are, such as 2/5: the second of five.`,
    'Parts count from 1.',
  );
}

/**
 * Every so many-th run, so that the seeds of a variant lie in different parts, and all parts take about as long.
 *
 * @param runs of a comparison, in its order
 * @param shard the part; undefined: the comparison is in one piece
 * @returns those of the part
 */
export function runsOf<T>(runs: readonly T[], shard: Shard | undefined): readonly T[] {
  return shard === undefined ? runs : runs.filter((_, i) => i % shard.of === shard.index - 1);
}

/** What the folder of a part is called, behind the name of the comparison: parts may share a file system. */
export const shardSuffix = ({ index, of }: Shard): string => `-shard-${index}-of-${of}`;
