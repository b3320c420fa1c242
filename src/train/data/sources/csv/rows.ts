import type { Dialect } from './options.js';
import { type Delimiter, type Lines, RowScanner } from './scan.js';

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
    const widths = sampledWidths(lines, delimiter);
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

/** The first row, and its line; null: there is none. */
export function firstRow(
  lines: Lines,
  delimiter: Delimiter,
): { readonly fields: readonly string[]; readonly line: number } | null {
  const row = new RowScanner(lines, delimiter);
  return row.next() ? { fields: row.fields(), line: row.line } : null;
}

/**
 * Goes through rows as texts.
 *
 * @param lines the table
 * @param delimiter what stands between fields
 * @param visit called with the fields of each row, and the line that it begins on, from 1
 * @throws DataError where a quote is never closed, or followed by something else than the end of its field
 */
export function eachRow(
  lines: Lines,
  delimiter: Delimiter,
  visit: (fields: readonly string[], line: number) => void,
): void {
  const row = new RowScanner(lines, delimiter);
  while (row.next()) visit(row.fields(), row.line);
}

function sampledWidths(lines: Lines, delimiter: Delimiter): number[] {
  const rows = new RowScanner(lines, delimiter, false);
  const widths: number[] = [];
  while (widths.length < SAMPLE_ROWS && rows.next()) widths.push(rows.width);
  return widths;
}

function mode(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  const [usual = [0, 0]] = [...counts].sort((a, b) => b[1] - a[1]);
  return usual[0];
}
