/** What texts in a table can mean. */

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NUMBER_WITH_COMMA = /^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?$/;

export type DecimalMark = 'point' | 'comma';

/**
 * @param text a field, trimmed
 * @param mark what stands before the decimals
 * @returns the number; NaN when it is none. Infinity and the like are none
 */
export function numberOf(text: string, mark: DecimalMark): number {
  if (mark === 'point') return NUMBER.test(text) ? Number(text) : Number.NaN;
  return NUMBER_WITH_COMMA.test(text) ? Number(text.replace(',', '.')) : Number.NaN;
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

/** In the order in which classes and categories are numbered: numbers by size, then texts by their characters. */
export function inOrder(texts: Iterable<string>): string[] {
  return [...texts].sort((a, b) => {
    const [x, y] = [numberOf(a, 'point'), numberOf(b, 'point')];
    if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return a < b ? -1 : a > b ? 1 : 0;
  });
}
