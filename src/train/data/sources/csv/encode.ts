import { DataError, quoted, some } from '../../data-error.js';
import type { ColumnFields } from './column-fields.js';
import type { Inspection } from './inspect.js';
import type { Feature } from './kinds.js';
import type { CsvOptions } from './options.js';
import type { Table } from './table.js';
import type { TableTarget } from './target.js';
import { BOOLEANS, type DecimalMark, truthOf } from './values.js';
import { upTo, valuesAt } from './values-at.js';

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
  /** How many rows were left out for what they lack, and which were not; null: all are there. */
  readonly dropped: number;
  readonly kept: Uint32Array | null;
  /** Of numbers and booleans values, NaN where missing; of categories indices of their texts, negative where there is none. */
  readonly features: readonly Float64Array[];
  /** Classes, or values one after the other. */
  readonly targets: readonly Float64Array[];
  /** Texts of categories that the training file has not, by the position of the feature. */
  readonly unknown: ReadonlyMap<number, ReadonlySet<string>>;
}

/**
 * Makes numbers of the fields of a table.
 *
 * @param table the table; its columns are where the layout says
 * @param layout what they are
 * @param missing whether rows that lack something are left out
 * @returns the numbers
 * @throws DataError for a class that the layout has not, and for a boolean that is none
 */
export function encodeTable(table: Table, layout: Layout, missing: CsvOptions['missing']): Encoded {
  const { features, target, mark } = layout;
  const { file, columns } = table;
  const positions = target.kind === 'class' ? [target.at] : target.at;
  const used = [...features.map(({ at }) => at), ...positions].map((at) => columns[at]!);
  const kept = missing === 'drop' ? rowsThatHave(used, table.rows) : null;
  if (kept?.length === 0) {
    throw new DataError('missing', `every row of ${file} lacks something, and missing: drop leaves none`, [
      'ignore columns with columns: { name: ignore }, or fill in with missing: mean',
    ]);
  }
  const own = (values: Float64Array) => (kept === null ? values : valuesAt(values, kept));
  const rows = kept === null ? table.rows : kept.length;
  const unknown = new Map<number, ReadonlySet<string>>();
  const encoded = features.map(({ at, kind, name }, i) => {
    const column = columns[at]!;
    if (kind === 'number') return own(column.values(mark));
    if (kind === 'boolean') {
      const truths = own(column.mapped((text) => truthOf(text) ?? UNKNOWN, Number.NaN));
      const strange = textsWhere(column, truths, UNKNOWN, kept);
      if (strange.length > 0) throw strangeBooleans(table, name, strange);
      return truths;
    }
    const values = own(column.mapped(indexIn(layout.texts[i]!), MISSING));
    const strange = textsWhere(column, values, UNKNOWN, kept);
    if (strange.length > 0) unknown.set(i, new Set(strange.map(({ text }) => text)));
    return values;
  });
  const targets =
    target.kind === 'value'
      ? target.at.map((at) => own(columns[at]!.values(mark)))
      : [own(columns[target.at]!.mapped(indexIn(target.classes), MISSING))];
  if (target.kind === 'class') {
    const strange = textsWhere(columns[target.at]!, targets[0]!, UNKNOWN, kept);
    if (strange.length > 0) throw strangeClasses(table, strange);
  }
  return {
    ...{ file, rows, dropped: table.rows - rows, kept, features: encoded, targets, unknown },
    lines: kept === null ? table.lines : Int32Array.from(kept, (row) => table.lines[row]!),
  };
}

interface TextAt {
  readonly text: string;
  readonly row: number;
}

function strangeClasses({ file, key, lines }: Table, strange: readonly TextAt[]): DataError {
  const shown = some(strange.map(({ text, row }) => `${quoted(text)} in line ${lines[row]}`));
  return new DataError(key, `${file} has classes that the training file has not: ${shown}`, [
    'the training file must have rows of every class',
  ]);
}

function strangeBooleans({ file, key, lines }: Table, name: string, strange: readonly TextAt[]): DataError {
  const shown = some(strange.map(({ text, row }) => `${quoted(text)} in line ${lines[row]}`));
  return new DataError(key, `${file}: column ${quoted(name)} is to be ${BOOLEANS}, and has ${shown}`, [
    'if it stands for a missing value, add it to missing_values',
  ]);
}

/** Rows in which none of the columns lacks a value. */
function rowsThatHave(columns: readonly ColumnFields[], rows: number): Uint32Array {
  return upTo(rows).filter((row) => !columns.some((column) => column.isMissingAt(row)));
}

function indexIn(texts: readonly string[]): (text: string) => number {
  const indices = new Map(texts.map((text, i) => [text, i]));
  return (text) => indices.get(text) ?? UNKNOWN;
}

/** Texts of those rows that have become a certain number. */
function textsWhere(
  column: ColumnFields,
  values: Float64Array,
  wanted: number,
  kept: Uint32Array | null,
): TextAt[] {
  if (!values.includes(wanted)) return [];
  const { codes, texts } = column.coded()!;
  return Array.from(values.keys()).flatMap((i) => {
    const row = kept === null ? i : kept[i]!;
    return values[i] === wanted ? [{ text: texts[codes[row]!]!, row }] : [];
  });
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
