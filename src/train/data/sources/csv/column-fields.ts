import { ByteTexts } from './byte-texts.js';
import { COMMA, NONE, POINT, readNumber } from './field-number.js';
import { Tally } from './tally.js';
import { absentIn, type DecimalMark, numberOf } from './values.js';

/** Above this many different texts a column is no category, unless it is said to be one. */
export const MOST_CATEGORIES = 100;
/** And above this many not even then: each would be an input of its own. */
export const MOST_TOLD_CATEGORIES = 10_000;
const MISSING_LINES = 5;

/** The different texts of a column, and which of them each row has. */
export interface CodedFields {
  readonly codes: Int32Array;
  readonly texts: readonly string[];
  /** Whether a text stands for a missing value. */
  readonly isAbsent: readonly boolean[];
}

/**
 * The fields of a column, gathered row by row: different texts by their number, as long as there are no more than wanted; then no
 * texts but only the numbers that they are.
 */
export class ColumnFields {
  rows = 0;
  /** Lines of the first missing values. */
  readonly missingLines: number[] = [];

  private known: ByteTexts | null = new ByteTexts();
  private firstTexts: ReadonlySet<string> = new Set();
  private readonly isAbsent: boolean[] = [];
  private present = 0;
  private codes = new Int32Array(1024);
  /** Once there are many: NaN for what is missing, or no number. */
  private numbers: Float64Array | null = null;
  private readonly tally = new Tally();
  private isSettled = false;
  private readonly isMissing: (text: string) => boolean;
  /** Fields up to this length may be numbers that stand for a missing value. */
  private readonly mostMissing: number;

  /**
   * @param missingValues texts that stand for a missing value, besides an empty one
   * @param mostTexts how many different ones are wanted
   * @param expected how many rows there will be, by what was seen of them
   */
  constructor(
    missingValues: readonly string[],
    private readonly mostTexts: number,
    private readonly expected: () => number,
  ) {
    this.isMissing = absentIn(missingValues);
    const numbers = missingValues.filter((text) => !Number.isNaN(anyNumber(text)));
    this.mostMissing = Math.max(0, ...numbers.map(({ length }) => length));
  }

  /** Takes the field of the next row: these bytes, which stay as they are, on this line. */
  add(bytes: Buffer, start: number, end: number, line: number): void {
    if (this.numbers === null) this.addText(this.known!, bytes, start, end, line);
    else this.numbers = this.addNumber(this.numbers, bytes, start, end, line);
    this.rows += 1;
  }

  private addText(known: ByteTexts, bytes: Buffer, start: number, end: number, line: number): void {
    const code = known.numberOf(bytes, start, end, line);
    if (code === this.isAbsent.length) {
      const isAbsent = this.isMissing(known.texts[code]!);
      this.isAbsent.push(isAbsent);
      if (!isAbsent) this.present += 1;
    }
    if (this.isAbsent[code]) this.seeMissing(line);
    if (this.rows === this.codes.length) this.codes = longer(this.codes, new Int32Array(this.more()));
    this.codes[this.rows] = code;
    if (this.present > this.mostTexts) this.turnIntoNumbers(known);
  }

  private addNumber(old: Float64Array, bytes: Buffer, start: number, end: number, line: number) {
    const { rows, tally } = this;
    const numbers = rows < old.length ? old : longer(old, new Float64Array(this.more()));
    const kind = end - start > this.mostMissing ? readNumber(bytes, start, end, numbers, rows) : NONE;
    const value = numbers[rows]!;
    // A first one of its kind is shown with its text.
    const isUsual =
      kind !== NONE &&
      Math.abs(value) <= Number.MAX_SAFE_INTEGER &&
      (kind !== POINT || tally.firstText.comma !== null) &&
      (kind !== COMMA || tally.firstText.point !== null);
    if (isUsual) tally.seeNumber(kind, Number.isInteger(value), 1);
    else numbers[rows] = this.seeSlowly(bytes.toString('utf8', start, end), line);
    return numbers;
  }

  /** Room for those that are expected, and for some more each time that there are more. */
  private more(): number {
    return Math.max(this.expected(), Math.ceil(this.rows * 1.25));
  }

  private seeSlowly(text: string, line: number): number {
    if (!this.isMissing(text)) return this.tally.see(text, line, 1);
    this.tally.missing += 1;
    this.seeMissing(line);
    return Number.NaN;
  }

  private seeMissing(line: number): void {
    if (this.missingLines.length < MISSING_LINES) this.missingLines.push(line);
  }

  private turnIntoNumbers(known: ByteTexts): void {
    const values = known.texts.map((text, i) => (this.isAbsent[i] ? Number.NaN : anyNumber(text)));
    this.numbers = new Float64Array(this.codes.length);
    for (let row = 0; row <= this.rows; row++) this.numbers[row] = values[this.codes[row]!]!;
    this.settle();
    this.firstTexts = this.distinct(MOST_CATEGORIES).texts;
    this.known = null;
    this.codes = new Int32Array(0);
  }

  /** What was seen, all rows added. */
  counted(): Tally {
    this.settle();
    return this.tally;
  }

  private settle(): void {
    if (this.isSettled || this.known === null) return;
    this.isSettled = true;
    const { texts, counts, lines } = this.known;
    for (const [i, text] of texts.entries()) {
      if (this.isAbsent[i]) this.tally.missing += counts[i]!;
      else this.tally.see(text, lines[i]!, counts[i]!);
    }
  }

  /** Different texts that are not missing, in the order of their rows: no more than these, and of numbers only some. */
  distinct(most: number): { readonly texts: ReadonlySet<string>; readonly hasMore: boolean } {
    const texts = this.known?.texts.filter((_, i) => !this.isAbsent[i]).slice(0, most);
    return { texts: texts === undefined ? this.firstTexts : new Set(texts), hasMore: this.present > most };
  }

  /** Its texts; null: there were too many to be kept. */
  coded(): CodedFields | null {
    if (this.known === null) return null;
    const { texts } = this.known;
    return { codes: this.codes.subarray(0, this.rows), texts, isAbsent: this.isAbsent };
  }

  /** The numbers of a column that has nothing else: NaN where they are missing. */
  values(mark: DecimalMark): Float64Array {
    if (this.numbers !== null) return this.numbers.subarray(0, this.rows);
    return this.mapped((text) => numberOf(text, mark), Number.NaN);
  }

  /** A number for each text, of a column that has its texts, and one for what is missing. */
  mapped(numberFor: (text: string) => number, missing: number): Float64Array {
    const { codes, texts, isAbsent } = this.coded()!;
    const of = Float64Array.from(texts, (text, i) => (isAbsent[i] ? missing : numberFor(text)));
    const values = new Float64Array(codes.length);
    for (let row = 0; row < codes.length; row++) values[row] = of[codes[row]!]!;
    return values;
  }

  /** Whether a row has nothing here, of a column that is what it is taken for. */
  isMissingAt(row: number): boolean {
    return this.numbers === null ? this.isAbsent[this.codes[row]!]! : Number.isNaN(this.numbers[row]!);
  }
}

function longer<T extends Int32Array | Float64Array>(old: T, made: T): T {
  made.set(old);
  return made;
}

function anyNumber(text: string): number {
  const point = numberOf(text, 'point');
  return Number.isNaN(point) ? numberOf(text, 'comma') : point;
}
