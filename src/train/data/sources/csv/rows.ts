import { createRequire } from 'node:module';
import type Papa from 'papaparse';
import { DataError } from '../../data-error.js';
import type { Dialect } from './options.js';

/** Loaded by the first table: it takes as long as a tenth of all modules together. */
const papaparse = (): typeof Papa => createRequire(import.meta.url)('papaparse') as typeof Papa;

/** Called with the fields of each row, trimmed, and the line that it begins on, from 1. */
export type Visit = (fields: readonly string[], line: number) => void;

export type Delimiter = ',' | ';' | '\t' | '|' | 'blank';

const DELIMITERS: Readonly<Record<Exclude<Dialect['delimiter'], 'auto'>, Delimiter>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  pipe: '|',
  blank: 'blank',
};

/** Those of files that have them in every line are meant, before commas, which may be in numbers. */
const PREFERRED: readonly Delimiter[] = ['\t', ';', '|', ','];
const SAMPLE_ROWS = 50;

/** A text and how to read it. */
export interface Lines {
  readonly file: string;
  /** The option that names the file. */
  readonly key: string;
  readonly text: string;
  readonly skipLines: number;
}

/**
 * What stands between the fields of a table.
 *
 * @param lines the table
 * @param told what the options say
 * @returns of `auto`: what gives every row, or else most of them, the same number of fields, more than one; blanks where
 * nothing else does and they do; else a comma, for a table of one column
 */
export function delimiterOf(lines: Lines, told: Dialect['delimiter']): Delimiter {
  if (told !== 'auto') return DELIMITERS[told];
  const tried = [...PREFERRED, 'blank' as const].map((delimiter) => {
    const widths = sample(lines, delimiter).map((fields) => fields.length);
    const usual = mode(widths);
    const share = usual > 1 ? widths.filter((width) => width === usual).length / widths.length : 0;
    return { delimiter, share, usual };
  });
  const blank = tried.pop()!;
  const whole = tried.find(({ share }) => share === 1);
  if (whole) return whole.delimiter;
  const most = tried.reduce((best, one) => (one.share > best.share ? one : best));
  if (most.share > 0.5) return most.delimiter;
  return blank.share === 1 ? 'blank' : ',';
}

/**
 * Goes through the rows of a table. Lines with nothing in them are left out.
 *
 * @param lines the table
 * @param delimiter what stands between fields
 * @param visit called with each row
 * @throws DataError where a quote is never closed, or followed by something else than the end of its field
 */
export function eachRow(lines: Lines, delimiter: Delimiter, visit: Visit): void {
  parse(lines, delimiter, visit);
}

/** The first row, and its line; null: there is none. */
export function firstRow(
  lines: Lines,
  delimiter: Delimiter,
): { readonly fields: readonly string[]; readonly line: number } | null {
  let found: { fields: readonly string[]; line: number } | null = null;
  parse(
    lines,
    delimiter,
    (fields, line) => {
      found = { fields: [...fields], line };
    },
    { most: 1 },
  );
  return found;
}

/**
 * Goes through the rows of a table to see how many fields they have: without making texts of these, where it can.
 *
 * @param lines the table
 * @param delimiter what stands between fields
 * @param visit called with the number of fields of each row, and the line that it begins on
 */
export function eachWidth(
  lines: Lines,
  delimiter: Delimiter,
  visit: (width: number, line: number) => void,
): void {
  const { skipLines } = lines;
  const text = withoutLines(lines);
  if (delimiter === 'blank' || text.includes('"')) {
    eachRow(lines, delimiter, (fields, line) => visit(fields.length, line));
    return;
  }
  const mark = delimiter.charCodeAt(0);
  let [line, width, isBlank] = [skipLines + 1, 1, true];
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : LINE_END;
    if (code === mark) {
      width += 1;
      isBlank = false;
    } else if (code !== LINE_END) {
      if (isBlank && text[at]!.trim() !== '') isBlank = false;
    } else {
      if (!isBlank) visit(width, line);
      [width, isBlank] = [1, true];
      line += 1;
    }
  }
}

const LINE_END = 10;

function sample(lines: Lines, delimiter: Delimiter): (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  // What is no quote with this delimiter may be one with another.
  parse(lines, delimiter, (fields) => rows.push(fields), { most: SAMPLE_ROWS, strict: false });
  return rows;
}

function parse(
  lines: Lines,
  delimiter: Delimiter,
  visit: Visit,
  { most = Number.POSITIVE_INFINITY, strict = true } = {},
): void {
  const { file, key, skipLines } = lines;
  const text = withoutLines(lines);
  let [line, rows] = [skipLines + 1, 0];
  const hasQuotes = text.includes('"');
  const row = (fields: string[]) => {
    const first = line;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      // Only in quotes there are line ends.
      if (hasQuotes) for (let at = field.indexOf('\n'); at >= 0; at = field.indexOf('\n', at + 1)) line += 1;
      if (mayBeTrimmed(field)) fields[i] = field.trim();
    }
    line += 1;
    if (fields.length === 0 || (fields.length === 1 && fields[0] === '')) return;
    rows += 1;
    visit(fields, first);
  };
  if (delimiter === 'blank') {
    for (let start = 0; start < text.length && rows < most; ) {
      const end = text.indexOf('\n', start);
      const stop = end < 0 ? text.length : end;
      const own = text.slice(start, stop).trim();
      row(own === '' ? [] : own.split(/[ \t]+/));
      start = stop + 1;
    }
    return;
  }
  // Without quotes a line is a row, and taken apart three times as fast.
  if (!hasQuotes) {
    for (let start = 0; start < text.length && rows < most; ) {
      const end = text.indexOf('\n', start);
      const stop = end < 0 ? text.length : end;
      row(text.slice(start, stop).split(delimiter));
      start = stop + 1;
    }
    return;
  }
  papaparse().parse<string[]>(text, {
    delimiter,
    newline: '\n',
    step({ data, errors }, parser) {
      const quote = errors.find(({ type }) => type === 'Quotes');
      if (quote && strict) {
        const what =
          quote.code === 'MissingQuotes'
            ? 'is never closed'
            : 'is followed by something else than the end of its field';
        throw new DataError(key, `${file}:${line}: a quote that begins in this row ${what}`, [
          'write a quote within a quoted field twice: "6"" pipe"',
        ]);
      }
      row(data);
      if (rows >= most) parser.abort();
    },
  });
}

/** A blank, or what could be one, at either end. */
function mayBeTrimmed(field: string): boolean {
  const [first, last] = [field.charCodeAt(0), field.charCodeAt(field.length - 1)];
  return !(first > 32 && first < 128 && last > 32 && last < 128) && field !== '';
}

function withoutLines({ text, skipLines }: Lines): string {
  let start = 0;
  for (let i = 0; i < skipLines && start < text.length; i++) {
    const end = text.indexOf('\n', start);
    start = end < 0 ? text.length : end + 1;
  }
  return start === 0 ? text : text.slice(start);
}

function mode(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  const [usual = [0, 0]] = [...counts].sort((a, b) => b[1] - a[1]);
  return usual[0];
}
