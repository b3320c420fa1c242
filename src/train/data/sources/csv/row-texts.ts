import { hasherOf } from '../../split.js';
import type { RowScanner } from './scan.js';

const SEPARATOR = 0x1f;
const QUOTE = 34;

/**
 * The rows of a file as texts: their fields with a unit separator between them, which is what the hash of a row is of. They are
 * written into the bytes of the file itself, over what they were read from, as they are never longer.
 */
export class RowTexts {
  private starts = new Int32Array(1024);
  private ends = new Int32Array(1024);
  private rows = 0;
  /** Where the fields of each row end, of a file that has separators within them. */
  private readonly fieldEnds: Int32Array[] | null;

  constructor(private readonly bytes: Buffer) {
    this.fieldEnds = bytes.includes(SEPARATOR) ? [] : null;
  }

  /** Moves the fields of the row together; the scanner then knows where they are now. */
  add(row: RowScanner): void {
    const { bytes } = this;
    let to = row.first;
    for (let i = 0; i < row.width; i++) {
      if (i > 0) bytes[to++] = SEPARATOR;
      const [start, end] = [row.starts[i]!, row.ends[i]!];
      row.starts[i] = to;
      if (row.isEscaped[i]) to = withoutDoubled(bytes, start, end, to);
      else {
        if (to !== start) bytes.copyWithin(to, start, end);
        to += end - start;
      }
      row.ends[i] = to;
    }
    if (this.rows === this.starts.length) {
      this.starts = twiceAsLong(this.starts);
      this.ends = twiceAsLong(this.ends);
    }
    this.starts[this.rows] = row.first;
    this.ends[this.rows] = to;
    this.fieldEnds?.push(row.ends.slice(0, row.width));
    this.rows += 1;
  }

  /** The fields of a row. */
  fields(row: number): string[] {
    const start = this.starts[row]!;
    if (this.fieldEnds === null) {
      return this.bytes.toString('utf8', start, this.ends[row]).split(String.fromCharCode(SEPARATOR));
    }
    const ends = this.fieldEnds[row]!;
    return Array.from(ends, (end, i) => this.bytes.toString('utf8', i === 0 ? start : ends[i - 1]! + 1, end));
  }

  /** How long the longest is. */
  longest(): number {
    let most = 0;
    for (let row = 0; row < this.rows; row++) most = Math.max(most, this.ends[row]! - this.starts[row]!);
    return most;
  }

  /** Copies a row, and returns where it ends then. */
  copy(row: number, to: Buffer, at: number): number {
    return at + this.bytes.copy(to, at, this.starts[row], this.ends[row]);
  }
}

/** Leaves out each second one of two quotes. */
function withoutDoubled(bytes: Buffer, start: number, end: number, to: number): number {
  let next = to;
  for (let at = start; at < end; at++) {
    bytes[next++] = bytes[at]!;
    if (bytes[at] === QUOTE) at += 1;
  }
  return next;
}

function twiceAsLong(old: Int32Array): Int32Array<ArrayBuffer> {
  const made = new Int32Array(old.length * 2);
  made.set(old);
  return made;
}

/**
 * @param texts of the rows, of each file that they are from
 * @param seed of the split
 * @returns what gives the hash of a row, see `hashOf`
 */
export function rowHasher(texts: readonly RowTexts[], seed: number): (row: number) => number {
  const longest = texts.reduce((sum, own) => sum + own.longest() + 1, 0);
  const hash = hasherOf(seed, longest);
  return (row) =>
    hash((to, at) => {
      let end = at;
      for (const [i, own] of texts.entries()) {
        if (i > 0) to[end++] = SEPARATOR;
        end = own.copy(row, to, end);
      }
      return end;
    });
}
