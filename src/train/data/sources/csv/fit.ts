import { DataError, quoted } from '../../data-error.js';
import { momentsOf } from '../../moments.js';
import type { FittedInput } from '../../preprocessing.js';
import type { Encoded, Layout } from './encode.js';
import type { ColumnKind, CsvOptions } from './options.js';
import { valuesAt } from './values-at.js';

/** How a column becomes inputs, fitted on the training part alone. */
export type FittedColumn =
  | {
      readonly kind: 'number';
      /** In the place of missing values. */
      readonly fill: number;
      /** (x - mean) / std; 0 and 1 where nothing is standardised. */
      readonly mean: number;
      readonly std: number;
    }
  | { readonly kind: 'boolean'; readonly fill: number }
  | {
      readonly kind: 'category';
      /** The input, of so many, of each index of a text; -1: it does not occur in the training part. */
      readonly slots: Int32Array;
      readonly width: number;
      /** The index in the place of missing values; -1: none, all inputs are 0. */
      readonly fill: number;
    };

/** All that is learnt from the training part before the first step. */
export interface Fitted {
  readonly columns: readonly FittedColumn[];
  /** How many inputs they make. */
  readonly width: number;
  /** Of real targets. */
  readonly targets: { readonly mean: readonly number[]; readonly std: readonly number[] };
}

/**
 * Learns how to fill in, standardise and encode.
 *
 *     fill = mean, median or a constant; of booleans and categories what occurs most, for constant none
 *     mean, std = of the column, filled in; the deviation is that of the rows themselves, as scikit-learn's StandardScaler has it
 *
 * What training fills in is fitted on every column, whether its own rows lack something or not: others may. A column that is constant
 * is divided by 1.
 *
 * @param encoded the table
 * @param train rows of the training part
 * @param layout what its columns are
 * @param options missing, fill, standardize
 * @returns what was learnt
 * @throws DataError for a column that has no value in the training part to fill in with
 * @source sklearn.impute.SimpleImputer, sklearn.preprocessing.StandardScaler, OneHotEncoder(handle_unknown="ignore")
 */
export function fitColumns(
  { features: columns, targets, file }: Encoded,
  train: Uint32Array,
  { features, texts, target }: Layout,
  options: Pick<CsvOptions, 'missing' | 'fill' | 'standardize'>,
): Fitted {
  const fitted = features.map(({ kind, name }, i): FittedColumn => {
    const values = valuesAt(columns[i]!, train);
    const known = knownOf(values, kind);
    const fits = options.missing === 'mean' || options.missing === 'median';
    if (fits && known.length === 0) {
      throw new DataError(
        'missing',
        `${file}: column ${quoted(name)} has no value in the training part to fill in with`,
        [`leave it out: columns: { ${name}: ignore }, or fill in with missing: constant`],
      );
    }
    if (kind === 'category') return fitCategory(known, texts[i]!.length, fits);
    if (kind === 'boolean') return { kind, fill: fits ? mostFrequent(known) : 0 };
    const fill = !fits
      ? options.fill
      : options.missing === 'median'
        ? medianOf(known)
        : momentsOf(known).mean;
    const filled = known === values ? values : values.map((value) => (Number.isNaN(value) ? fill : value));
    return { kind, fill, ...(options.standardize === false ? { mean: 0, std: 1 } : momentsOf(filled)) };
  });
  const moments = targets.map((values) => momentsOf(valuesAt(values, train)));
  return {
    columns: fitted,
    width: fitted.reduce((sum, column) => sum + widthOf(column), 0),
    targets:
      target.kind === 'class'
        ? { mean: [], std: [] }
        : { mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) },
  };
}

/** What was fitted, as it is kept with a run. */
export function fittedInputs({ features, texts }: Layout, { columns }: Fitted): FittedInput[] {
  return columns.map((fitted, i): FittedInput => {
    const column = features[i]!.name;
    if (fitted.kind !== 'category') return { column, ...fitted };
    const { slots, width, fill } = fitted;
    const categories = new Array<string>(width);
    for (const [index, slot] of slots.entries()) if (slot >= 0) categories[slot] = texts[i]![index]!;
    return { column, kind: 'category', categories, fill: fill < 0 ? null : texts[i]![fill]! };
  });
}

/** How many inputs a column makes. */
export const widthOf = (column: FittedColumn): number => (column.kind === 'category' ? column.width : 1);

function fitCategory(known: Float64Array, texts: number, fills: boolean): FittedColumn {
  const slots = new Int32Array(texts).fill(-1);
  for (const index of known) slots[index] = 0;
  let width = 0;
  for (const [index, slot] of slots.entries()) if (slot === 0) slots[index] = width++;
  return { kind: 'category', slots, width, fill: fills ? mostFrequent(known) : -1 };
}

/** Of categories, indices from 0; of others, what is not NaN. */
function knownOf(values: Float64Array, kind: ColumnKind): Float64Array {
  let count = 0;
  const isKnown = (value: number) => (kind === 'category' ? value >= 0 : !Number.isNaN(value));
  for (let i = 0; i < values.length; i++) if (isKnown(values[i]!)) count += 1;
  return count === values.length ? values : values.filter(isKnown);
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/** The first of them where several are. */
function mostFrequent(values: Float64Array): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [[most]] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]) as [[number, number]];
  return most;
}
