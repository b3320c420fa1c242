import { DataError } from '../../data-error.js';
import { columnAt } from './column.js';
import { type ColumnFacts, inspectTable } from './inspect.js';
import { featuresOf } from './kinds.js';
import type { ColumnKind, ColumnName, CsvOptions } from './options.js';
import { openTable } from './table.js';
import { type TableTarget, targetOf } from './target.js';

/** A column, what it is best taken for, and why where that is not plain. */
export interface SketchedColumn {
  readonly name: string;
  readonly kind: ColumnKind | 'ignore';
  readonly why: string | null;
}

/** What a table seems to be, for a configuration to be written. */
export interface TableSketch {
  readonly rows: number;
  /** Those that are not to be told. */
  readonly columns: readonly SketchedColumn[];
  readonly target: { readonly name: ColumnName; readonly type: 'class' | 'number'; readonly why: string };
  /** Names of columns that lack values, and how many. */
  readonly missing: readonly { readonly name: string; readonly count: number }[];
  readonly isTargetMissing: boolean;
}

type How = Pick<CsvOptions, 'delimiter' | 'decimal' | 'header' | 'skipLines' | 'missingValues'>;

/**
 * Takes a table for what it seems to be. What a user has to decide is decided cautiously, and the reason is given: columns that
 * could be several things are left out, a few whole numbers are classes.
 *
 * @param path the file
 * @param target the column to be told, by its name or its position; undefined: the user is asked for it
 * @param how the file is written
 * @returns what it is taken for
 * @throws DataError when it cannot be read, or no target is named
 */
export function sketchTable(path: string, target: string | undefined, how: How): TableSketch {
  // A name, or a position.
  const many = target === undefined ? [] : [target, ...(/^-?\d+$/.test(target) ? [Number(target)] : [])];
  const table = openTable(path, 'path', { ...how, columnsFrom: null }, { many });
  const { file, names } = table;
  if (target === undefined) {
    throw new DataError(
      'target',
      `${file} has ${names.length} columns, and one of them is to be told`,
      [`say which: --target ${JSON.stringify(names.at(-1))}, for example`],
      { received: '', known: names, what: 'its columns' },
    );
  }
  // A name that is a number comes before a position.
  const named: ColumnName = !names.includes(target) && /^-?\d+$/.test(target) ? Number(target) : target;
  const at = columnAt(names, named, { file, key: 'target' });
  const { mark, columns } = inspectTable(table, how, (name) => names.indexOf(name) === at);
  const about = { file, unnamed: table.unnamed, mark };
  const told = targetOf(columns, [at], { target: named, wanted: null }, about);
  const features = columns.flatMap((facts, i): SketchedColumn[] => {
    if (i === at) return [];
    const { name } = facts;
    const why = numbering(facts);
    if (why !== null) return [{ name, kind: 'ignore', why }];
    try {
      // Alone, so that one that is refused says nothing of the others.
      const [feature] = featuresOf([facts], [], { columns: {} }, about);
      return [{ name, kind: feature!.kind, why: null }];
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return [{ name, kind: 'ignore', why: error.message.slice(error.message.indexOf(': ') + 2) }];
    }
  });
  const used = new Set(features.flatMap(({ name, kind }) => (kind === 'ignore' ? [] : [name])));
  return {
    rows: table.rows,
    columns: features,
    target: { name: named, ...typeOf(told, columns[at]!) },
    missing: columns.flatMap(({ name, missing }) =>
      missing > 0 && used.has(name) ? [{ name, count: missing }] : [],
    ),
    isTargetMissing: columns[at]!.missing > 0,
  };
}

/**
 * Why a column seems only to number rows, or what they are of; null: it does not. Of many different numbers not all are kept, so
 * that only the name can tell: they may well occur twice.
 */
function numbering({ numbers, rows, whole, distinct, hasMore, name }: ColumnFacts): string | null {
  if (numbers !== rows || !whole) return null;
  if (!hasMore) {
    const areRows = distinct.size === rows && rows > 10 && isRange(distinct);
    return areRows ? 'different in every row, as what only numbers them' : null;
  }
  const isNamed = /^(|.*[\W_])(id|index|nr|no|number|row)$/i.test(name);
  return isNamed ? 'by its name it only numbers something' : null;
}

function isRange(distinct: ReadonlySet<string>): boolean {
  const values = [...distinct].map(Number).sort((a, b) => a - b);
  return values.every((value, i) => i === 0 || value === values[i - 1]! + 1);
}

function typeOf(target: TableTarget, { distinct, whole, numbers, rows, missing }: ColumnFacts) {
  if (target.kind === 'value') return { type: 'number', why: 'numbers' } as const;
  const areNumbers = whole && numbers === rows - missing;
  return {
    type: 'class',
    why: `${distinct.size} different ${areNumbers ? 'whole numbers; or number' : 'texts'}`,
  } as const;
}
