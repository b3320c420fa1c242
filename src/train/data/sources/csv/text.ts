import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { DataError } from '../../data-error.js';
import { ownFile, textTooLarge } from '../../own-file.js';

/** What Node reads from a file at once, less some room. */
const MOST_BYTES = 2_000_000_000;
const FEWER = 'take fewer rows of it';
const [LINE_FEED, RETURN] = [10, 13];

/**
 * Reads the text of a table as bytes. A byte order mark is left out, lines end with a line feed.
 *
 * @param path a file, gzipped or not
 * @param key the option that names it
 * @returns its text in UTF-8, the caller's own
 * @throws DataError when it cannot be read, or is no UTF-8 text of at most 2 GB
 */
export function readTableBytes(path: string, key: string): Buffer {
  const bytes = unpacked(path, key);
  refuseOtherFormats(path, key, bytes);
  if (!isUtf8(bytes)) {
    throw new DataError(key, `${path} is not UTF-8 text: ${firstBad(bytes)}`, [
      'save it as UTF-8, or convert it: iconv -f latin1 -t utf-8',
    ]);
  }
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return withLineFeeds(hasMark ? bytes.subarray(3) : bytes);
}

/** Ends lines alike, in place. */
function withLineFeeds(bytes: Buffer): Buffer {
  const first = bytes.indexOf(RETURN);
  if (first < 0) return bytes;
  let to = first;
  for (let at = first; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === RETURN && bytes[at + 1] === LINE_FEED) continue;
    bytes[to++] = byte === RETURN ? LINE_FEED : byte;
  }
  return bytes.subarray(0, to);
}

function unpacked(path: string, key: string): Buffer {
  const bytes = ownFile(path, key, MOST_BYTES, () => textTooLarge(path, key, MOST_BYTES, FEWER));
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw textTooLarge(path, key, MOST_BYTES, FEWER);
    const message = `${path} is damaged: it cannot be unpacked as gzip (${(error as Error).message})`;
    throw new DataError(key, message, ['bring the whole file back']);
  }
}

/** What is often taken for a table of text, by its first bytes. */
const FORMATS: readonly (readonly [string, string])[] = [
  ['PK\u0003\u0004', 'a ZIP archive, as .xlsx and .ods are'],
  ['PAR1', 'a Parquet file'],
  ['\u0093NUM', 'an array of NumPy'],
  ['\u00d0\u00cf\u0011\u00e0', 'an Excel file'],
];

function refuseOtherFormats(path: string, key: string, bytes: Buffer): void {
  const start = bytes.subarray(0, 4).toString('latin1');
  const [, found] = FORMATS.find(([magic]) => start.startsWith(magic)) ?? [];
  const isNumpy = start === '\u0093NUM' || path.endsWith('.npz');
  const refuse = (what: string) => {
    const arrays = isNumpy ? ['or say that it holds arrays: dataset.type: arrays'] : [];
    throw new DataError(key, `${path} is ${what}`, ['save it as CSV, in UTF-8', ...arrays]);
  };
  if (found !== undefined) refuse(found);
  if (start.startsWith('\u00ff\u00fe') || start.startsWith('\u00fe\u00ff')) refuse('UTF-16 text');
  const zero = bytes.indexOf(0);
  if (zero >= 0) refuse(`a binary file: byte ${zero} is 0x00`);
}

/** Where the first byte is that UTF-8 has not. */
function firstBad(bytes: Buffer): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const end = bytes.indexOf(10, start);
    const stop = end < 0 ? bytes.length : end;
    try {
      decoder.decode(bytes.subarray(start, stop));
    } catch {
      return `line ${line}`;
    }
    start = stop + 1;
  }
  return 'its end';
}
