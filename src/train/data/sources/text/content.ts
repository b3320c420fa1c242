import { DataError } from '../../data-error.js';
import { ownFile, textTooLarge } from '../../own-file.js';
import { generateNesting } from './nesting.js';
import type { TextOptions } from './options.js';

/** What there is to read: characters, or bytes. */
export interface Content {
  readonly text: string | Uint8Array;
  /** Where it is from: the file, or `generated`. */
  readonly source: string;
  /** What is to be said of it. */
  readonly notes: readonly string[];
}

const MOST_BYTES = 200_000_000;

/**
 * Reads a text, or makes one. Of characters a byte order mark is left out; line ends stay as they are.
 *
 * @param options which text, and whether its characters or its bytes are wanted
 * @returns the text
 * @throws DataError when the file cannot be read, is too large, or is no UTF-8 where characters are wanted
 */
export function contentOf({ path, size, seed, level }: TextOptions): Content {
  if (path === null) {
    const { text, bitsPerChar } = generateNesting(seed, size);
    const notes = [
      `a generated text: no model, however long it remembers, needs less than ${bitsPerChar.toFixed(3)} bits per character on average, a perplexity of ${(2 ** bitsPerChar).toFixed(3)}`,
    ];
    return { text: level === 'byte' ? Buffer.from(text) : text, source: 'generated', notes };
  }
  const bytes = ownFile(path, 'path', MOST_BYTES, () =>
    textTooLarge(path, 'path', MOST_BYTES, 'take a part of it, such as: head -c 200000000'),
  );
  return { text: level === 'byte' ? bytes : decoded(path, bytes), source: path, notes: [] };
}

function decoded(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const at = firstBad(bytes);
    const line = bytes.subarray(0, at).reduce((lines, byte) => lines + (byte === 10 ? 1 : 0), 1);
    const byte = `0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`;
    throw new DataError(
      'path',
      `${path} is not UTF-8 text: line ${line}, byte ${at} of the file is ${byte}`,
      [
        'save it as UTF-8, or convert it: iconv -f latin1 -t utf-8',
        'or take its bytes as they are: level: byte',
      ],
    );
  }
}

const REPLACEMENT = '\ufffd';

/** Where the first byte is that UTF-8 has not: decoded all the same, there is a replacement character that the file has not. */
function firstBad(bytes: Buffer): number {
  const text = bytes.toString('utf8');
  for (let [from, at] = [0, 0]; ; from += 1) {
    const next = text.indexOf(REPLACEMENT, from);
    at += Buffer.byteLength(text.slice(from, next));
    if (bytes.toString('hex', at, at + 3) !== 'efbfbd') return at;
    at += 3;
    from = next;
  }
}
