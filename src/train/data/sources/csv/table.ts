import { plural } from '../../../../base/format.js';
import { DataError, quoted, some } from '../../data-error.js';
import type { CsvOptions } from './options.js';
import { type Delimiter, delimiterOf, eachRow, eachWidth, firstRow, type Lines, type Visit } from './rows.js';
import { readTableText } from './text.js';
import { numberOf } from './values.js';

/** A table whose columns have names and whose rows are all as long. */
export interface Table {
  readonly file: string;
  /** The option that names the file. */
  readonly key: string;
  readonly names: readonly string[];
  /** Positions, from 1, of columns without a name of their own. */
  readonly unnamed: ReadonlySet<string>;
  readonly delimiter: Delimiter;
  readonly rows: number;
  /** Goes through all rows, as often as it is asked to. */
  each(visit: Visit): void;
}

type Source = Pick<CsvOptions, 'delimiter' | 'header' | 'skipLines'>;

/**
 * Opens a table, and that with further columns of the same rows beside it, if there is one.
 *
 * @param path its file
 * @param key the option that names it
 * @param options how it is written; columnsFrom: the file with further columns
 * @returns the table
 * @throws DataError when it cannot be read, has no rows, rows of other lengths, or two columns of one name
 */
export function openTable(
  path: string,
  key: string,
  options: Source & { readonly columnsFrom: string | null },
): Table {
  const { columnsFrom } = options;
  const first = openFile(path, key, options);
  const table =
    columnsFrom === null ? first : besides(first, openFile(columnsFrom, 'columnsFrom', options), options);
  refuseDuplicates(table);
  return table;
}

function openFile(file: string, key: string, { delimiter: told, header, skipLines }: Source): Table {
  const lines: Lines = { file, key, text: readTableText(file, key), skipLines };
  const delimiter = delimiterOf(lines, told);
  let [rows, wrong] = [0, 0];
  const odd: { line: number; width: number }[] = [];
  const first = firstRow(lines, delimiter);
  const own = first === null ? [] : header ? first.fields : first.fields.map((_, i) => `${i + 1}`);
  const headLine = first?.line ?? 1;
  let isHead = header;
  eachWidth(lines, delimiter, (width, line) => {
    if (isHead) {
      isHead = false;
      return;
    }
    rows += 1;
    if (width === own.length) return;
    wrong += 1;
    if (odd.length < 5) odd.push({ line, width });
  });
  if (rows === 0) {
    const what = own.length === 0 ? 'is empty' : 'has no rows below its header';
    throw new DataError(
      key,
      `${file} ${what}`,
      header ? ['set header: false if its first line is a row'] : [],
    );
  }
  if (wrong > 0) throw ragged(file, key, { odd, wrong, rows, headLine, width: own.length, header });
  if (header) refuseRowAsHeader(file, key, own, headLine);
  const named = own.map((name, i) => (name === '' ? `${i + 1}` : name));
  return {
    ...{ file, key, names: named, delimiter, rows },
    unnamed: new Set(header ? named.filter((_, i) => own[i] === '') : []),
    each(visit) {
      let isHead = header;
      eachRow(lines, delimiter, (fields, line) => {
        if (isHead) isHead = false;
        else visit(fields, line);
      });
    },
  };
}

/** Names may be numbers, but hardly all of them. */
function refuseRowAsHeader(file: string, key: string, names: readonly string[], line: number): void {
  if (!names.every((name) => !Number.isNaN(numberOf(name, 'point')))) return;
  const message = `${file}:${line}: the header is all numbers (${some(names)}), as a row would be`;
  throw new DataError(key, message, [
    'if it is a row, set header: false, and name columns by their positions',
  ]);
}

interface Ragged {
  readonly odd: readonly { readonly line: number; readonly width: number }[];
  readonly wrong: number;
  readonly rows: number;
  readonly headLine: number;
  readonly width: number;
  readonly header: boolean;
}

function ragged(file: string, key: string, found: Ragged): DataError {
  const { odd, wrong, rows, headLine, width, header } = found;
  const widths = new Set(odd.map((row) => row.width));
  const head = `line ${headLine}${header ? ', the header,' : ''} has ${width} ${width === 1 ? 'field' : 'fields'}`;
  // All rows alike, and unlike the header, are no mistakes in the rows.
  if (wrong === rows && widths.size === 1) {
    const [own] = widths;
    return new DataError(key, `${file}: ${head}, and all ${rows} rows below it have ${own}`, [
      header
        ? 'if that line is no header: header: false, skip_lines: 1'
        : 'if that line is no row: skip_lines: 1',
    ]);
  }
  const places = odd.map(({ line, width: has }) => `line ${line} has ${has}`);
  return new DataError(key, `${file}: ${head}; ${some(places, wrong)}`, [
    'quote fields that hold the delimiter; or say which it is: delimiter: comma, semicolon, tab, pipe or blank',
  ]);
}

/** Two tables side by side. */
function besides(left: Table, right: Table, { header }: Source): Table {
  if (left.rows !== right.rows) {
    throw new DataError(
      'columnsFrom',
      `${right.file} has ${plural(right.rows, 'row')}, and ${left.file} ${left.rows}: they are to be the same`,
      header ? ['both are read with header: true'] : [],
    );
  }
  const names = header ? right.names : right.names.map((_, i) => `${left.names.length + i + 1}`);
  const further: (readonly string[])[] = [];
  right.each((fields) => further.push([...fields]));
  return {
    ...left,
    names: [...left.names, ...names],
    unnamed: new Set([...left.unnamed, ...right.unnamed]),
    each(visit) {
      let row = 0;
      left.each((fields, line) => visit([...fields, ...further[row++]!], line));
    },
  };
}

function refuseDuplicates({ file, key, names }: Table): void {
  const places = new Map<string, number[]>();
  for (const [i, name] of names.entries()) places.set(name, [...(places.get(name) ?? []), i + 1]);
  const twice = [...places].filter(([, at]) => at.length > 1);
  if (twice.length === 0) return;
  const texts = twice.map(([name, at]) => `columns ${at.join(' and ')} are called ${quoted(name)}`);
  throw new DataError(key, `${file}: ${some(texts)}`, [
    'rename one; or set header: false, skip_lines: 1, and name columns by their positions',
  ]);
}
