import { type DataError, quoted, some } from '../../data-error.js';
import type { FittedInput, Preprocessing } from '../../preprocessing.js';
import { columnAt } from './column.js';
import type { CsvOptions } from './options.js';
import { targetNames } from './target.js';
import { absentIn, BOOLEANS, numberOf, truthOf } from './values.js';

/** A row as a model takes it; or all that keeps it from being one. */
export type EncodedRow =
  | {
      readonly inputs: Float32Array;
      /** Categories that training has not seen, by column: they are 0 in all of its inputs. */
      readonly unseen: Readonly<Record<string, string>>;
      /** What is right: the class, or the values as batches hold them; null where it was not asked for. */
      readonly target: number | readonly number[] | null;
    }
  | {
      readonly problems: readonly string[];
      /** Whether it only lacks values. */
      readonly isIncomplete: boolean;
    };

type Fields = readonly string[];

/**
 * Makes inputs of rows as training did, with what it learnt from its own: what is missing is filled in, numbers are standardised,
 * categories have the places that they had there.
 *
 * @param preprocessing of the run
 * @param options of its table: what stands for a missing value, and which column is to be told
 * @param names of the columns of these rows; their order does not matter, and further ones are left out
 * @param about isTargetWanted: whether what is right is read too; lacking: the error for columns that are not there
 * @returns what encodes a row
 * @throws what `lacking` gives
 */
export function rowEncoder(
  { spec, inputs, decimal = 'point' }: Preprocessing,
  { missing, missingValues, target }: Pick<CsvOptions, 'missing' | 'missingValues' | 'target'>,
  names: readonly string[],
  about: { readonly isTargetWanted: boolean; readonly lacking: (columns: readonly string[]) => DataError },
): (fields: Fields) => EncodedRow {
  const columns = inputs ?? [];
  const wanted = about.isTargetWanted ? targetNames(target) : [];
  const absent = [...columns.map(({ column }) => column), ...wanted.map(String)].filter(
    (name) => !names.includes(name) && !Number.isInteger(wanted.find((one) => `${one}` === name)),
  );
  if (absent.length > 0) throw about.lacking(absent);
  const at = columns.map(({ column }) => names.indexOf(column));
  const targets = wanted.map((column) => columnAt(names, column, { file: 'the table', key: 'target' }));
  const width = columns.reduce((sum, column) => sum + widthOf(column), 0);
  const isAbsent = absentIn(missingValues);
  const canFill = missing === 'mean' || missing === 'median' || missing === 'constant';

  return (fields) => {
    const row = new Float32Array(width);
    const problems: string[] = [];
    let isIncomplete = true;
    const wrong = (problem: string) => {
      problems.push(problem);
      isIncomplete = false;
    };
    const unseen: Record<string, string> = {};
    let first = 0;
    for (const [i, column] of columns.entries()) {
      const text = fields[at[i]!]!;
      const name = quoted(column.column);
      const own = first;
      first += widthOf(column);
      if (isAbsent(text) && !canFill) {
        problems.push(
          `column ${name} lacks a value, and training filled in none (dataset.missing: ${missing})`,
        );
        continue;
      }
      if (column.kind === 'category') {
        const category = isAbsent(text) ? column.fill : text;
        const place = category === null ? -1 : column.categories.indexOf(category);
        if (place >= 0) row[own + place] = 1;
        else if (category !== null) unseen[column.column] = category;
        continue;
      }
      const value = isAbsent(text)
        ? column.fill
        : column.kind === 'boolean'
          ? (truthOf(text) ?? Number.NaN)
          : numberOf(text, decimal);
      row[own] = column.kind === 'number' ? (value - column.mean) / column.std : value;
      if (Number.isNaN(value)) {
        const what = column.kind === 'boolean' ? BOOLEANS : 'a number';
        wrong(`column ${name} has ${quoted(text)}, and is to be ${what}`);
      } else if (!Number.isFinite(row[own])) {
        wrong(`column ${name} has ${value}, more than float32 can hold`);
      }
    }
    const told = about.isTargetWanted ? targetOf(targets.map((place) => fields[place]!)) : null;
    if (told === null || 'value' in told) {
      if (problems.length > 0) return { problems, isIncomplete };
      return { inputs: row, unseen, target: told?.value ?? null };
    }
    if (told.isIncomplete) problems.push(told.problem);
    else wrong(told.problem);
    return { problems, isIncomplete };
  };

  function targetOf(texts: Fields): Told {
    const { target: about } = spec;
    if (texts.some(isAbsent)) return { problem: 'the target lacks a value', isIncomplete: true };
    const wrong = (text: string, what: string): Told => ({
      problem: `the target has ${quoted(text)}, and is ${what}`,
      isIncomplete: false,
    });
    if (about.kind === 'class') {
      const value = about.names.indexOf(texts[0]!);
      return value >= 0 ? { value } : wrong(texts[0]!, `one of ${some(about.names)}`);
    }
    const values = texts.map((text, k) => {
      const { mean, std } = about;
      const value = numberOf(text, decimal);
      return mean && std ? (value - mean[k]!) / std[k]! : value;
    });
    const odd = values.findIndex((value) => !Number.isFinite(value));
    return odd < 0 ? { value: values } : wrong(texts[odd]!, 'to be a number');
  }
}

type Told =
  | { readonly value: number | readonly number[] }
  | { readonly problem: string; readonly isIncomplete: boolean };

const widthOf = (column: FittedInput) => (column.kind === 'category' ? column.categories.length : 1);
