import { DataError, quoted, some } from '../../data-error.js';
import { hashOf, PART_NAMES, type Parts, type Records, splitRecords } from '../../split.js';
import { columnAt } from './column.js';
import type { ColumnFields } from './column-fields.js';
import type { ColumnName, CsvOptions } from './options.js';
import { rowHasher } from './row-texts.js';
import type { Table } from './table.js';
import { numberOf } from './values.js';
import { upTo } from './values-at.js';

/** How the rows of a table are shared out. */
export interface TableSplitter {
  /** Positions of the columns that it looks at: they are no inputs. */
  readonly at: readonly number[];
  /**
   * @param table the rows; the columns that it looks at were kept
   * @param kept which of them; null: all
   * @param classes of these; null: the target is no class
   * @returns which of them are in which part
   * @throws DataError when a column says something else than a part or a time, or a part would be empty
   */
  parts(table: Table, kept: Uint32Array | null, classes: Int32Array | null): Parts;
}

/** What a column may say, and the part that it means. */
const WORDS: Readonly<Record<string, (typeof PART_NAMES)[number]>> = {
  ...{ train: 'train', training: 'train' },
  ...{ val: 'val', valid: 'val', validation: 'val', dev: 'val' },
  ...{ test: 'test', testing: 'test' },
};

const ALLOWED = {
  part: `each row says one of ${Object.keys(WORDS).join(', ')}`,
  time: 'a time is a number, or a date such as 2026-01-31 or 2026-01-31T12:00:00Z',
};

function partOf(text: string): number {
  const word = WORDS[text.toLowerCase()];
  return word === undefined ? Number.NaN : PART_NAMES.indexOf(word);
}

/**
 * @param names of the columns
 * @param options split: how rows are shared out; testPath: whether another file is for the end
 * @param file for errors
 * @returns what shares the rows out
 * @throws DataError when a column that is needed is not named, or is not there
 */
export function splitterOf(
  names: readonly string[],
  { split, testPath }: Pick<CsvOptions, 'split' | 'testPath'>,
  file: string,
): TableSplitter {
  const { by, seed, column, group } = split;
  checkColumns(split);
  const position = (name: ColumnName | null, key: string) =>
    name === null ? null : columnAt(names, name, { file, key });
  const [own, together] = [position(column, 'split.column'), position(group, 'split.group')];
  return {
    at: [own, together].flatMap((at) => at ?? []),
    parts(table, kept, classes) {
      const rows = kept ?? upTo(table.rows);
      const records: Records = {
        count: rows.length,
        ...(by === 'hash' && { hashes: hashes(table, rows, seed, together) }),
        ...(by === 'random' && together !== null && { groups: groupsOf(table.columns[together]!, rows) }),
        ...(by === 'column' && { told: Uint8Array.from(said(table, rows, own!, partOf, 'part')) }),
        ...(by === 'time' && { times: said(table, rows, own!, timeOf, 'time') }),
        classes,
      };
      return splitRecords(records, testPath === null ? split : { ...split, test: 0 }, file, 'rows');
    },
  };
}

/** Of each row, or of the group that it is of. */
function hashes(table: Table, rows: Uint32Array, seed: number, together: number | null): Float64Array {
  if (together !== null) {
    const { codes, texts } = table.columns[together]!.coded()!;
    const own = texts.map((text) => hashOf(seed, text));
    return Float64Array.from(rows, (row) => own[codes[row]!]!);
  }
  const hashOfRow = rowHasher(table.texts, seed);
  const hashes = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) hashes[i] = hashOfRow(rows[i]!);
  return hashes;
}

function groupsOf(column: ColumnFields, rows: Uint32Array): Int32Array {
  const { codes } = column.coded()!;
  return Int32Array.from(rows, (row) => codes[row]!);
}

/** What a column says of each row. */
function said(
  { columns, file, lines, names }: Table,
  rows: Uint32Array,
  at: number,
  meaning: (text: string) => number,
  what: keyof typeof ALLOWED,
): Float64Array {
  const { codes, texts } = columns[at]!.coded()!;
  const own = texts.map(meaning);
  const values = Float64Array.from(rows, (row) => own[codes[row]!]!);
  if (!values.some(Number.isNaN)) return values;
  const odd = Array.from(rows).filter((_, i) => Number.isNaN(values[i]));
  const shown = some(odd.map((row) => `${quoted(texts[codes[row]!]!)} in line ${lines[row]}`));
  const message = `${file}: column ${quoted(names[at]!)} has texts that are no ${what}: ${shown}`;
  throw new DataError('split.column', message, [ALLOWED[what]]);
}

function checkColumns({ by, column, group }: CsvOptions['split']): void {
  const needsColumn = by === 'column' || by === 'time';
  if (needsColumn && column === null) {
    const says = by === 'time' ? 'has the time of each row' : 'says train, val or test';
    throw new DataError('split.by', `split.by ${by} needs a column that ${says}`, ['name it: split.column']);
  }
  if (!needsColumn && column !== null) {
    throw new DataError('split.column', `split.by ${by} looks at no column`, [
      'set split.by to column or time, or leave split.column out',
    ]);
  }
  if (needsColumn && group !== null) {
    throw new DataError('split.group', `split.by ${by} keeps no groups together`, [
      'set split.by to hash or random, or leave split.group out',
    ]);
  }
}

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** Of a number itself, of a date its milliseconds, in UTC unless it says otherwise; NaN when it is neither. */
function timeOf(text: string): number {
  if (!DATE.test(text)) return numberOf(text, 'point');
  const iso = text.replace(' ', 'T');
  const isLocal = iso.includes('T') && !/(?:Z|[+-]\d\d:?\d\d)$/.test(iso);
  return Date.parse(isLocal ? `${iso}Z` : iso);
}
