import { DataError } from '../../data-error.js';

/** A text and how to read it. */
export interface Lines {
  readonly file: string;
  /** The option that names the file. */
  readonly key: string;
  /** In UTF-8. */
  readonly bytes: Buffer;
  readonly skipLines: number;
  /** How many lines of the file stand before these bytes; absent: none. */
  readonly above?: number;
}

export type Delimiter = ',' | ';' | '\t' | '|' | 'blank';

const [TAB, LINE_FEED, BLANK, QUOTE, DELETE] = [9, 10, 32, 34, 127];

/**
 * Goes through the rows of a table, without making texts of their fields: of the row that it stands on it knows where each field
 * begins and ends. Lines with nothing in them are passed over, and blanks around a field are no part of it.
 *
 * A field that begins with a quote ends with the next one that is not written twice; blanks may follow it.
 *
 * No package does it: those of this size make a string of every field, which takes longer than all else that is done with one.
 */
export class RowScanner {
  /** How many fields the row has. */
  width = 0;
  /** The line that it begins on, from 1, and the byte. */
  line = 0;
  first = 0;
  /** Where its fields begin and end. */
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** 1 for a field in which quotes are written twice. */
  isEscaped = new Uint8Array(64);

  private readonly bytes: Buffer;
  private readonly mark: number | null;
  private at = 0;
  private nextLine = 1;

  /**
   * @param lines the table
   * @param delimiter what stands between two fields
   * @param isStrict whether odd quotes are errors. What is no quote with one delimiter may be one with another
   */
  constructor(
    private readonly lines: Lines,
    delimiter: Delimiter,
    private readonly isStrict = true,
  ) {
    this.bytes = lines.bytes;
    this.mark = delimiter === 'blank' ? null : delimiter.charCodeAt(0);
    for (; this.nextLine <= lines.skipLines; this.nextLine++) this.at = this.lineEnd(this.at) + 1;
  }

  /**
   * Goes on to the next row.
   *
   * @returns whether there is one
   * @throws DataError where a quote is never closed, or followed by something else than the end of its field
   */
  next(): boolean {
    while (this.at < this.bytes.length) {
      this.line = this.nextLine;
      this.first = this.at;
      this.nextLine += 1;
      if (this.mark === null) this.takeBlanks();
      else this.takeFields(this.mark);
      if (this.width > 1 || (this.width === 1 && this.starts[0] !== this.ends[0])) return true;
    }
    return false;
  }

  /** The text of a field. */
  text(i: number): string {
    const text = this.bytes.toString('utf8', this.starts[i], this.ends[i]);
    return this.isEscaped[i] ? text.replaceAll('""', '"') : text;
  }

  /** The texts of all fields. */
  fields(): string[] {
    return Array.from({ length: this.width }, (_, i) => this.text(i));
  }

  private takeFields(mark: number): void {
    const { bytes } = this;
    const { length } = bytes;
    this.width = 0;
    let at = this.first;
    for (;;) {
      if (at < length && bytes[at] === QUOTE) at = this.takeQuoted(at, mark);
      else {
        const start = at;
        while (at < length && bytes[at] !== mark && bytes[at] !== LINE_FEED) at++;
        this.add(start, at, 0);
      }
      if (at >= length || bytes[at] === LINE_FEED) break;
      at += 1;
    }
    this.at = at + 1;
  }

  /** @returns where the field's delimiter or line end is */
  private takeQuoted(open: number, mark: number): number {
    const { bytes } = this;
    let isEscaped = 0;
    let isOdd = false;
    for (let at = open + 1; at < bytes.length; at++) {
      if (bytes[at] === LINE_FEED) this.nextLine += 1;
      if (bytes[at] !== QUOTE) continue;
      if (bytes[at + 1] === QUOTE) {
        isEscaped = 1;
        at += 1;
        continue;
      }
      let end = at + 1;
      while (end < bytes.length && bytes[end] !== mark && (bytes[end] === BLANK || bytes[end] === TAB)) end++;
      if (end >= bytes.length || bytes[end] === mark || bytes[end] === LINE_FEED) {
        if (isOdd && this.isStrict)
          this.refuseQuote('is followed by something else than the end of its field');
        this.add(open + 1, at, isEscaped);
        return end;
      }
      isOdd = true;
    }
    if (this.isStrict) {
      const what = isOdd ? 'is followed by something else than the end of its field' : 'is never closed';
      this.refuseQuote(what);
    }
    this.add(open + 1, bytes.length, isEscaped);
    return bytes.length;
  }

  private refuseQuote(what: string): never {
    const { file, key, above = 0 } = this.lines;
    throw new DataError(key, `${file}:${above + this.line}: a quote that begins in this row ${what}`, [
      'write a quote within a quoted field twice: "6"" pipe"',
    ]);
  }

  /** Blanks and tabs, however many, between the fields of a line; quotes are nothing special. */
  private takeBlanks(): void {
    const { bytes } = this;
    const lineEnd = this.lineEnd(this.first);
    this.width = 0;
    this.add(this.first, lineEnd, 0);
    const end = this.ends[0]!;
    this.width = 0;
    for (let at = this.starts[0]!; at < end; ) {
      while (at < end && (bytes[at] === BLANK || bytes[at] === TAB)) at++;
      const start = at;
      while (at < end && bytes[at] !== BLANK && bytes[at] !== TAB) at++;
      if (at > start) this.add(start, at, 0);
    }
    this.at = lineEnd + 1;
  }

  private add(start: number, end: number, isEscaped: number): void {
    const i = this.width;
    if (i === this.starts.length) this.widen();
    this.starts[i] = start;
    this.ends[i] = end;
    this.isEscaped[i] = isEscaped;
    this.width = i + 1;
    if (start < end && !(isPlain(this.bytes[start]!) && isPlain(this.bytes[end - 1]!))) this.trim(i);
  }

  /** Leaves out what String.trim does, which knows more blanks than ASCII has. */
  private trim(i: number): void {
    const { bytes, starts, ends } = this;
    const text = bytes.toString('utf8', starts[i], ends[i]);
    const left = text.trimStart();
    starts[i]! += Buffer.byteLength(text) - Buffer.byteLength(left);
    ends[i] = starts[i]! + Buffer.byteLength(left.trimEnd());
  }

  private widen(): void {
    const wider = <T extends Int32Array | Uint8Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    const size = this.starts.length * 2;
    this.starts = wider(this.starts, new Int32Array(size));
    this.ends = wider(this.ends, new Int32Array(size));
    this.isEscaped = wider(this.isEscaped, new Uint8Array(size));
  }

  private lineEnd(from: number): number {
    const end = this.bytes.indexOf(LINE_FEED, from);
    return end < 0 ? this.bytes.length : end;
  }
}

/** No blank, nor the beginning or end of a character that may be one. */
const isPlain = (byte: number): boolean => byte > BLANK && byte <= DELETE;
