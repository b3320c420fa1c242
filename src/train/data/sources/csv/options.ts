import type { SplitOptions } from '../../split.js';

/** What a column of a table is taken for. */
export type ColumnKind = 'number' | 'boolean' | 'category';

/** A column by its name, or by its position from 1, from the end with -1. */
export type ColumnName = string | number;

/** Which column is to be told, and whether it is a class or a number; null: as its values look. */
export interface TargetColumn {
  readonly column: ColumnName;
  readonly type: 'class' | 'number' | null;
}

/** How a table is written. */
export interface Dialect {
  /** What stands between two fields; `blank`: spaces and tabs, however many. */
  readonly delimiter: 'auto' | 'comma' | 'semicolon' | 'tab' | 'pipe' | 'blank';
  readonly decimal: 'auto' | 'point' | 'comma';
  /** Whether the first line names the columns; else their names are their positions, from 1. */
  readonly header: boolean;
  /** Lines to leave out before that. */
  readonly skipLines: number;
  /** What stands for a value that is not known. */
  readonly missingValues: readonly string[];
}

/** Which rows are trained on. Columns that are named here are no inputs. */
export interface TableSplit extends SplitOptions {
  /** Of column: the one that says train, val or test; of time: the one with the time. */
  readonly column: ColumnName | null;
  /** Of hash and random: rows that have the same in this column stay together. */
  readonly group: ColumnName | null;
}

/** A table in a file: its rows are the samples. */
export interface CsvOptions extends Dialect {
  readonly type: 'csv';
  /** CSV, TSV and the like, gzipped or not. */
  readonly path: string;
  /** Another file with the same rows, whose columns follow those of `path`. */
  readonly columnsFrom: string | null;
  /** A file of its own to choose the best epoch with, in the place of a part of `path`. */
  readonly evalPath: string | null;
  /** A file of its own for the end, in the place of a part of `path`. */
  readonly testPath: string | null;
  readonly target: ColumnName | TargetColumn | readonly ColumnName[];
  /** What columns are, where it is not to be inferred. */
  readonly columns: Readonly<Record<string, ColumnKind | 'ignore'>>;
  /** What to do about missing values: refuse them, leave out their rows, or fill in. */
  readonly missing: 'error' | 'drop' | 'mean' | 'median' | 'constant';
  /** What `missing: constant` fills numbers with. */
  readonly fill: number;
  /** Whether columns of numbers become (x - mean) / std of the training part: features alone, real targets too, or none. */
  readonly standardize: boolean | 'features';
  readonly split: TableSplit;
  /** What the loss wants: a few whole numbers may be classes or numbers. Absent: they are classes. */
  readonly wanted?: 'class' | 'number' | null;
}
