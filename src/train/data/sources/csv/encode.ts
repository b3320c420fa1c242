import { DataError, quoted, some } from '../../data-error.js';
import type { Inspection } from './inspect.js';
import type { Feature } from './kinds.js';
import type { CsvOptions } from './options.js';
import type { Table } from './table.js';
import type { TableTarget } from './target.js';
import { absentIn, type DecimalMark, numberOf, truthOf } from './values.js';

/** A category that the training file has not. */
const UNKNOWN = -2;
const MISSING = -1;

/** What the columns of a table are, found out on the file that is trained on. */
export interface Layout {
  readonly features: readonly Feature[];
  /** Of each feature that is a category its texts, in order; else none. */
  readonly texts: readonly (readonly string[])[];
  readonly target: TableTarget;
  readonly mark: DecimalMark;
}

/** The rows of a table as numbers, nothing filled in yet. */
export interface Encoded {
  readonly file: string;
  readonly rows: number;
  /** The line of the file that each row begins in. */
  readonly lines: Int32Array;
  /** Rows that were left out for what they lack. */
  readonly dropped: number;
  /** Of numbers and booleans values, NaN where missing; of categories indices of their texts, negative where there is none. */
  readonly features: readonly Float64Array[];
  /** Classes, or values one after the other. */
  readonly targets: readonly Float64Array[];
  /** Texts of categories that the training file has not, by the position of the feature. */
  readonly unknown: ReadonlyMap<number, ReadonlySet<string>>;
}

/**
 * Goes through a table and makes numbers of its fields.
 *
 * @param table the table; its columns are where the layout says
 * @param layout what they are
 * @param options missing: whether rows that lack something are left out; missingValues
 * @param see called with each row that is not left out
 * @returns the numbers
 * @throws DataError for a class that the layout has not
 */
export function encodeTable(
  table: Table,
  layout: Layout,
  { missing, missingValues }: Pick<CsvOptions, 'missing' | 'missingValues'>,
  see?: (fields: readonly string[], line: number) => void,
): Encoded {
  const { features, target, mark } = layout;
  const isAbsent = absentIn(missingValues);
  const positions = target.kind === 'class' ? [target.at] : target.at;
  const columns = features.map(() => new Float64Array(table.rows));
  const targets = positions.map(() => new Float64Array(table.rows));
  const indices = layout.texts.map((texts) => new Map(texts.map((text, i) => [text, i])));
  const classes = new Map(target.kind === 'class' ? target.classes.map((text, i) => [text, i]) : []);
  const lines = new Int32Array(table.rows);
  const unknown = new Map<number, Set<string>>();
  const strange: string[] = [];
  let rows = 0;
  table.each((fields, line) => {
    const lacks = (at: number) => isAbsent(fields[at]!);
    if (missing === 'drop' && (features.some(({ at }) => lacks(at)) || positions.some(lacks))) return;
    for (const [i, { at, kind }] of features.entries()) {
      const text = fields[at]!;
      if (kind === 'category') {
        const index = lacks(at) ? MISSING : (indices[i]!.get(text) ?? UNKNOWN);
        if (index === UNKNOWN) unknown.set(i, (unknown.get(i) ?? new Set()).add(text));
        columns[i]![rows] = index;
      } else if (lacks(at)) columns[i]![rows] = Number.NaN;
      else columns[i]![rows] = kind === 'boolean' ? truthOf(text) : numberOf(text, mark);
    }
    for (const [k, at] of positions.entries()) {
      const text = fields[at]!;
      const index = target.kind === 'class' ? classes.get(text) : numberOf(text, mark);
      if (index === undefined) strange.push(`${quoted(text)} in line ${line}`);
      targets[k]![rows] = index ?? 0;
    }
    lines[rows] = line;
    see?.(fields, line);
    rows += 1;
  });
  const { file } = table;
  if (strange.length > 0) {
    throw new DataError(table.key, `${file} has classes that the training file has not: ${some(strange)}`, [
      'the training file must have rows of every class',
    ]);
  }
  if (rows === 0) {
    throw new DataError('missing', `every row of ${file} lacks something, and missing: drop leaves none`, [
      'ignore columns with columns: { name: ignore }, or fill in with missing: mean',
    ]);
  }
  const cut = (column: Float64Array) => column.subarray(0, rows);
  return {
    ...{ file, rows, dropped: table.rows - rows, features: columns.map(cut), targets: targets.map(cut) },
    ...{ lines: lines.subarray(0, rows), unknown },
  };
}

/**
 * Refuses what is missing where nothing is to be done about it: features under `missing: error`, and targets unless their rows
 * are left out.
 *
 * @throws DataError naming columns, lines and the choices
 */
export function refuseMissing(
  { file }: Table,
  { columns }: Inspection,
  { features, target }: Pick<Layout, 'features' | 'target'>,
  missing: CsvOptions['missing'],
): void {
  if (missing === 'drop') return;
  const targets = target.kind === 'class' ? [target.at] : target.at;
  const lacking = (positions: readonly number[]) =>
    positions.flatMap((at) => {
      const { name, missing: count, missingLines } = columns[at]!;
      if (count === 0) return [];
      const lines = some(missingLines.map(String), count);
      return [
        `column ${quoted(name)} lacks ${count === 1 ? 'a value' : `${count} values`} (line${count === 1 ? '' : 's'} ${lines})`,
      ];
    });
  const lackingTargets = lacking(targets);
  if (lackingTargets.length > 0) {
    throw new DataError(
      'missing',
      `${file}: of the target ${some(lackingTargets)}: nothing can be filled in there`,
      ['leave such rows out: missing: drop'],
    );
  }
  const found = missing === 'error' ? lacking(features.map(({ at }) => at)) : [];
  if (found.length === 0) return;
  throw new DataError('missing', `${file}: ${some(found)}`, [
    'say what to do: missing: drop (leave such rows out), mean, median or constant (fill in)',
    'or leave out a column: columns: { name: ignore }',
  ]);
}
