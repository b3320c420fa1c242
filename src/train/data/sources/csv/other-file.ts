import { DataError, quoted, some } from '../../data-error.js';
import { type Encoded, encodeTable, type Layout, refuseMissing } from './encode.js';
import { inspectTable } from './inspect.js';
import type { CsvOptions } from './options.js';
import { openTable, type Table } from './table.js';

/** The options that name further files. */
export type OtherKey = 'evalPath' | 'testPath';

/**
 * Reads another file, with its columns where those of the first are.
 *
 * @param path the file
 * @param key the option that names it
 * @param first the table that is trained on
 * @param layout what its columns are
 * @param options how both are written
 * @returns all of its rows
 * @throws DataError when it lacks a column, or has a text where the first has numbers
 */
export function encodeOther(
  path: string,
  key: OtherKey,
  first: Table,
  layout: Layout,
  options: CsvOptions,
): Encoded {
  // Also more of them than the first file may have: those it has not are told.
  const kept = [
    ...layout.features.flatMap(({ kind, name }) => (kind === 'number' ? [] : [name])),
    ...(layout.target.kind === 'class' ? [first.names[layout.target.at]!] : []),
  ];
  const opened = openTable(path, key, { ...options, columnsFrom: null }, { all: kept });
  const absent = first.names.filter((name) => !opened.names.includes(name));
  if (absent.length > 0) {
    throw new DataError(key, `${path} lacks columns of ${first.file}: ${some(absent.map(quoted))}`, [
      'both files must have the same columns; their order does not matter',
    ]);
  }
  const columns = first.names.map((name) => opened.columns[opened.names.indexOf(name)]!);
  const table: Table = { ...opened, names: first.names, columns };
  const inspection = inspectTable(table, { decimal: layout.mark }, () => false);
  const numbers = [
    ...layout.features.filter(({ kind }) => kind === 'number').map(({ at }) => at),
    ...(layout.target.kind === 'value' ? layout.target.at : []),
  ];
  for (const at of numbers) {
    const { name, firstText } = inspection.columns[at]!;
    if (firstText === null) continue;
    throw new DataError(
      key,
      `${path}:${firstText.line}: column ${quoted(name)} is a number in ${first.file}, and here has ${quoted(firstText.text)}`,
      ['if it stands for a missing value, add it to missing_values'],
    );
  }
  refuseMissing(table, inspection, layout, options.missing);
  return encodeTable(table, layout, options.missing);
}
