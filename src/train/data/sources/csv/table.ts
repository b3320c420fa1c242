import { plural } from '../../../../base/format.js';
import { DataError, quoted, some } from '../../data-error.js';
import { positionOf } from './column.js';
import { type ColumnFields, MOST_CATEGORIES, MOST_TOLD_CATEGORIES } from './column-fields.js';
import type { ColumnName, CsvOptions } from './options.js';
import { type Opened, readRows } from './read-rows.js';
import type { RowTexts } from './row-texts.js';
import { delimiterOf, firstRow } from './rows.js';
import type { Delimiter } from './scan.js';
import { readTableBytes } from './text.js';
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
  /** The line of the file that each row begins in. */
  readonly lines: Int32Array;
  readonly columns: readonly ColumnFields[];
  /** Its rows as they are written, of each file that they are from. */
  readonly texts: readonly RowTexts[];
}

type Source = Pick<CsvOptions, 'delimiter' | 'header' | 'skipLines' | 'missingValues' | 'columnsFrom'>;

/** A file, and what its own first row calls its columns. */
interface Named extends Opened {
  readonly head: readonly string[];
  readonly names: readonly string[];
  readonly unnamed: ReadonlySet<string>;
}

/**
 * Reads a table, and that with further columns of the same rows beside it, if there is one.
 *
 * @param path its file
 * @param key the option that names it
 * @param options how it is written; columnsFrom: the file with further columns
 * @param texts columns whose texts are all wanted, and those that may have as many as categories that are told; names that are none
 * are left out
 * @returns the table
 * @throws DataError when it cannot be read, has no rows, rows of other lengths, or two columns of one name
 */
export function openTable(
  path: string,
  key: string,
  options: Source,
  texts: { readonly all?: readonly (ColumnName | null)[]; readonly many?: readonly ColumnName[] } = {},
): Table {
  const { columnsFrom, missingValues, header } = options;
  const left = openFile(path, key, options);
  const right = columnsFrom === null ? null : openFile(columnsFrom, 'columnsFrom', options);
  const further =
    right === null ? [] : header ? right.names : right.names.map((_, i) => `${left.names.length + i + 1}`);
  const names = [...left.names, ...further];
  const positions = (own: readonly (ColumnName | null)[] = []) =>
    new Set(own.map((name) => (name === null ? -1 : positionOf(names, name))));
  const [all, many] = [positions(texts.all), positions(texts.many)];
  const mostTexts = (at: number) =>
    all.has(at) ? Number.POSITIVE_INFINITY : many.has(at) ? MOST_TOLD_CATEGORIES : MOST_CATEGORIES;
  const own = readRows(left, missingValues, mostTexts);
  refuseRowAsHeader(left);
  const { file, delimiter } = left;
  const about = { file, key, delimiter, names, unnamed: left.unnamed };
  if (right === null) {
    refuseDuplicates(about);
    return { ...about, ...own, texts: [own.texts] };
  }
  const other = readRows(right, missingValues, (at) => mostTexts(left.width + at));
  refuseRowAsHeader(right);
  if (own.rows !== other.rows) {
    throw new DataError(
      'columnsFrom',
      `${right.file} has ${plural(other.rows, 'row')}, and ${file} ${own.rows}: they are to be the same`,
      header ? ['both are read with header: true'] : [],
    );
  }
  refuseDuplicates(about);
  return {
    ...about,
    ...own,
    unnamed: new Set([...left.unnamed, ...right.unnamed]),
    columns: [...own.columns, ...other.columns],
    texts: [own.texts, other.texts],
  };
}

function openFile(file: string, key: string, { delimiter: told, header, skipLines }: Source): Named {
  const lines = { file, key, bytes: readTableBytes(file, key), skipLines };
  const delimiter = delimiterOf(lines, told);
  const first = firstRow(lines, delimiter);
  const own = first === null ? [] : header ? first.fields : first.fields.map((_, i) => `${i + 1}`);
  const headLine = first?.line ?? 1;
  const named = own.map((name, i) => (name === '' ? `${i + 1}` : name));
  const unnamed = new Set(header ? named.filter((_, i) => own[i] === '') : []);
  return { ...lines, delimiter, header, head: own, names: named, unnamed, width: own.length, headLine };
}

/** Names may be numbers, but hardly all of them. */
function refuseRowAsHeader({ file, key, header, head, headLine }: Named): void {
  if (!header || !head.every((name) => !Number.isNaN(numberOf(name, 'point')))) return;
  const message = `${file}:${headLine}: the header is all numbers (${some(head)}), as a row would be`;
  throw new DataError(key, message, [
    'if it is a row, set header: false, and name columns by their positions',
  ]);
}

function refuseDuplicates({ file, key, names }: Pick<Table, 'file' | 'key' | 'names'>): void {
  const places = new Map<string, number[]>();
  for (const [i, name] of names.entries()) places.set(name, [...(places.get(name) ?? []), i + 1]);
  const twice = [...places].filter(([, at]) => at.length > 1);
  if (twice.length === 0) return;
  const texts = twice.map(([name, at]) => `columns ${at.join(' and ')} are called ${quoted(name)}`);
  throw new DataError(key, `${file}: ${some(texts)}`, [
    'rename one; or set header: false, skip_lines: 1, and name columns by their positions',
  ]);
}
