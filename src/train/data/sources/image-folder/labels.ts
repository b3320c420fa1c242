import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DataError, quoted, some } from '../../data-error.js';
import { inOrder } from '../../in-order.js';
import { openTable } from '../csv/table.js';
import type { Layout, Picture } from './layout.js';
import { EXTENSIONS, isPicture } from './walk.js';

const COLUMNS = ['path', 'label'] as const;

interface Row {
  readonly path: string;
  readonly label: string;
  readonly line: number;
}

/**
 * Reads which pictures there are from a table.
 *
 * @param file a table with the columns `path` and `label`; others do not count
 * @param root the folder that the paths count from; where a picture is not there, the table's own folder
 * @returns the pictures, in no parts
 * @throws DataError when the table cannot be read, or a row cannot be used
 */
export function labelled(file: string, root: string): Layout {
  const rows = rowsOf(file, root);
  const classes = inOrder(new Set(rows.map(({ label }) => label)));
  if (classes.length === 1) {
    const message = `${file}: all labels are ${quoted(classes[0]!)}: there is nothing to tell apart`;
    throw new DataError('labels', message, ['add pictures of further classes']);
  }
  const numbers = new Map(classes.map((name, label) => [name, label]));
  const train = distinct(rows, file).map(
    ({ path, label }): Picture => ({ path, label: numbers.get(label)! }),
  );
  return { classes, train, val: null, test: null };
}

function rowsOf(file: string, root: string): Row[] {
  const how = {
    delimiter: 'auto',
    header: true,
    skipLines: 0,
    missingValues: [],
    columnsFrom: null,
  } as const;
  const table = openTable(file, 'labels', how, { all: COLUMNS });
  const lacks = COLUMNS.filter((name) => !table.names.includes(name));
  if (lacks.length > 0) {
    const what = lacks.length === 1 ? 'the column' : 'the columns';
    throw new DataError(
      'labels',
      `${file} lacks ${what} ${lacks.join(' and ')}; it has ${some(table.names)}`,
      ['name them in its first line: path,label'],
    );
  }
  const [paths, labels] = COLUMNS.map((name) => table.columns[table.names.indexOf(name)]!.coded()!);
  const rows: Row[] = [];
  const [empty, unlike]: [number[], Row[]] = [[], []];
  table.lines.forEach((line, row) => {
    const path = paths!.texts[paths!.codes[row]!]!;
    const label = labels!.texts[labels!.codes[row]!]!;
    if (path === '' || label === '') empty.push(line);
    else if (isPicture(path)) rows.push({ path, label, line });
    else unlike.push({ path, label, line });
  });
  refuse(
    file,
    empty.map((line) => `line ${line}`),
    'lack a path or a label',
    'fill them in, or remove the rows',
  );
  refuse(
    file,
    unlike.map(({ path, line }) => `line ${line}: ${quoted(path)}`),
    'name no pictures',
    `these count: ${EXTENSIONS.join(' ')}`,
  );
  const located = rows.map((row) => ({ ...row, path: locate(row.path, root, dirname(file)) }));
  if (!located.some(({ path }) => existsSync(path))) {
    const message = `${file}:${rows[0]!.line}: there is no file ${located[0]!.path}, nor any other of the table`;
    throw new DataError('labels', message, ['paths count from root, or from the folder of the table']);
  }
  return located;
}

function locate(path: string, root: string, beside: string): string {
  const own = resolve(root, path);
  const other = resolve(beside, path);
  return own !== other && !existsSync(own) && existsSync(other) ? other : own;
}

/** A picture that is listed twice counts once; as two classes it is a mistake. */
function distinct(rows: readonly Row[], file: string): readonly Row[] {
  const first = new Map<string, Row>();
  const odd: string[] = [];
  for (const row of rows) {
    const before = first.get(row.path);
    if (before === undefined) first.set(row.path, row);
    else if (before.label !== row.label) {
      odd.push(
        `lines ${before.line} and ${row.line}: ${quoted(row.path)} is ${quoted(before.label)} and ${quoted(row.label)}`,
      );
    }
  }
  refuse(file, odd, 'name a picture with two labels', 'keep one of the two');
  return [...first.values()];
}

function refuse(file: string, places: readonly string[], what: string, remedy: string): void {
  if (places.length === 0) return;
  throw new DataError('labels', `${file}: rows ${what}: ${some(places)}`, [remedy]);
}
