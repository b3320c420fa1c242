import type { TokenWindows } from '../../dataset.js';

/** A text as numbers, and what these stand for. */
export interface Tokens {
  readonly ids: TokenWindows['tokens'];
  /** What the model calls them, one for each number. */
  readonly names: readonly string[];
  /** The characters in the order of their numbers, without the place for unknown ones; null: the numbers are bytes. */
  readonly vocabulary: readonly string[] | null;
}

/** What any character is called that what is trained on has not. */
export const UNKNOWN = 'unknown';

const BYTES = 256;
const CODE_POINTS = 0x110000;

/** Each byte is its own number, whether a text has it or not: a model then fits every file. */
export function tokensOfBytes(bytes: Uint8Array): Tokens {
  return {
    ids: bytes,
    names: Array.from({ length: BYTES }, (_, byte) => nameOfByte(byte)),
    vocabulary: null,
  };
}

/**
 * Numbers the characters of a text: those of the part that is trained on, in the order of their code points, and one more
 * number, the last, for all others.
 *
 * @param text whole characters, no halves of pairs
 * @param trained how many of them, from the first on, are trained on
 * @returns a number for each character, and what the numbers stand for
 */
export function tokensOfCharacters(text: string, trained: number): Tokens {
  const seen = new Uint8Array(CODE_POINTS);
  const count = forEachPoint(text, (point, i) => {
    if (i < trained) seen[point] = 1;
  });
  const points: number[] = [];
  seen.forEach((is, point) => {
    if (is) points.push(point);
  });
  const vocabulary = points.map((point) => String.fromCodePoint(point));
  const ids = numbered(text, count, points);
  return { ids, names: [...vocabulary.map(nameOfCharacter), UNKNOWN], vocabulary };
}

/**
 * Numbers a text as another one was numbered.
 *
 * @param text whole characters
 * @param vocabulary of the other one
 * @returns a number for each character; of those that it has not, the one after the last
 */
export function tokensBy(text: string, vocabulary: readonly string[]): Tokens['ids'] {
  const points = vocabulary.map((character) => character.codePointAt(0)!);
  return numbered(text, countCharacters(text), points);
}

function numbered(text: string, count: number, points: readonly number[]): Tokens['ids'] {
  const unknown = points.length;
  const numbers = new Int32Array(CODE_POINTS).fill(unknown);
  for (const [id, point] of points.entries()) numbers[point] = id;
  const ids = new (arrayFor(unknown + 1))(count);
  forEachPoint(text, (point, i) => {
    ids[i] = numbers[point]!;
  });
  return ids;
}

/** How many characters a text has. */
export const countCharacters = (text: string): number => forEachPoint(text, () => {});

function nameOfByte(byte: number): string {
  const name = byte < 0x80 ? nameOfCharacter(String.fromCodePoint(byte)) : 'U+';
  return name.startsWith('U+') ? `0x${byte.toString(16).padStart(2, '0')}` : name;
}

const NAMES: Readonly<Record<string, string>> = { ' ': 'space', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const SHOWN: Readonly<Record<string, string>> = { space: ' ', '\\n': '↵', '\\r': '␍', '\\t': '⇥' };

/** One character that stands for a token in a running text, by the token's name: `↵` for the end of a line. */
export function characterOf(name: string): string {
  return SHOWN[name] ?? ([...name].length === 1 ? name : '�');
}

/** A character as tables and lists show it: one that cannot be seen, by what it is called. */
export function nameOfCharacter(character: string): string {
  const name = NAMES[character];
  if (name !== undefined) return name;
  // Of control characters, separators and marks that join the one before, only the number can be read.
  if (!/[\p{C}\p{Z}\p{M}]/u.test(character)) return character;
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

function forEachPoint(text: string, take: (point: number, i: number) => void): number {
  let count = 0;
  for (let at = 0; at < text.length; at++, count++) {
    const point = text.codePointAt(at)!;
    take(point, count);
    if (point > 0xffff) at += 1;
  }
  return count;
}

/** The smallest numbers that hold a vocabulary: a text may be long. */
function arrayFor(size: number) {
  if (size <= 0x100) return Uint8Array;
  return size <= 0x10000 ? Uint16Array : Int32Array;
}
