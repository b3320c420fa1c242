import { DataError, quoted } from '../../data-error.js';
import type { ColumnName } from './options.js';

/**
 * @param names of all columns
 * @param column one of them by its name, or by its position from 1, from the end with -1
 * @param about the file, and the key that names the column, for errors
 * @returns its position, from 0
 * @throws DataError when there is no such column
 */
export function columnAt(
  names: readonly string[],
  column: ColumnName,
  { file, key }: { readonly file: string; readonly key: string },
): number {
  const at = positionOf(names, column);
  if (at >= 0) return at;
  if (typeof column === 'number') {
    throw new DataError(key, `${file} has ${names.length} columns; received ${column}`, [
      `columns count from 1 to ${names.length}; -1 is the last`,
    ]);
  }
  const choice = { received: column, known: names, what: 'columns' };
  throw new DataError(key, `${file} has no column ${quoted(column)}`, [], choice);
}

/** The same, or -1 when there is no such column. */
export function positionOf(names: readonly string[], column: ColumnName): number {
  if (typeof column === 'string') return names.indexOf(column);
  const at = column < 0 ? names.length + column : column - 1;
  return at < names.length ? Math.max(at, -1) : -1;
}
