/** What texts in a table can mean. */

import { plainNumber } from '../../in-order.js';

const NUMBER_WITH_COMMA = /^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?$/;

export type DecimalMark = 'point' | 'comma';

/**
 * @param text a field, trimmed
 * @param mark what stands before the decimals
 * @returns the number; NaN when it is none. Infinity and the like are none
 */
export function numberOf(text: string, mark: DecimalMark): number {
  if (mark === 'point') return plainNumber(text);
  return NUMBER_WITH_COMMA.test(text) ? Number(text.replace(',', '.')) : Number.NaN;
}

/**
 * @param missingValues texts that stand for a missing value, besides an empty one
 * @returns whether a text does: most are longer than any of these, and need not be looked up
 */
export function absentIn(missingValues: readonly string[]): (text: string) => boolean {
  const absent = new Set(['', ...missingValues]);
  const longest = Math.max(...[...absent].map(({ length }) => length));
  return (text) => text.length <= longest && absent.has(text);
}

/** Whether a number is written as a whole one that is too large to keep all of its digits. */
export function losesDigits(text: string, value: number): boolean {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && /^[+-]?\d+$/.test(text);
}

/** Pairs of words for no and yes. */
const PAIRS: readonly (readonly [no: string, yes: string])[] = [
  ['false', 'true'],
  ['no', 'yes'],
  ['n', 'y'],
  ['f', 't'],
];

/**
 * @param texts all that a column holds
 * @returns the words for no and yes in lower case; null when they are not of one pair
 */
export function booleanPair(texts: Iterable<string>): readonly [string, string] | null {
  const lower = new Set<string>();
  for (const text of texts) {
    lower.add(text.toLowerCase());
    if (lower.size > 2) return null;
  }
  if (lower.size === 0) return null;
  return PAIRS.find((pair) => [...lower].every((text) => pair.includes(text))) ?? null;
}

const TRUTHS: ReadonlyMap<string, number> = new Map([
  ...PAIRS.flatMap((pair) => pair.map((word, truth) => [word, truth] as const)),
  ...([
    ['0', 0],
    ['1', 1],
  ] as const),
]);

/** Words that mean no or yes, for errors. */
export const BOOLEANS = 'false or true, no or yes, n or y, f or t, 0 or 1';

/** 1 for a word that means yes, 0 for one that means no, else undefined. */
export const truthOf = (text: string): number | undefined => TRUTHS.get(text.toLowerCase());
