import { DataError, quoted } from '../../data-error.js';
import type { Encoded, Layout } from './encode.js';
import { type Fitted, type FittedColumn, widthOf } from './fit.js';

/** A part of a table as a model sees it. */
export interface Part {
  /** [rows, width]. */
  readonly inputs: Float32Array;
  /** Class indices [rows], or real values [rows, values]. */
  readonly targets: Int32Array | Float32Array;
  /** Names of columns with the categories, seen here, that the training part has not. */
  readonly unseen: ReadonlyMap<string, readonly string[]>;
}

/** So few that they stay in the cache, while each column writes into all of them. */
const BLOCK_ROWS = 1024;

/**
 * Makes the inputs and targets of some rows.
 *
 *     number: (x - mean) / std    boolean: 0 or 1    category: 1 in its own place, else 0; all 0 if training has not seen it
 *
 * @param encoded the rows
 * @param which of them
 * @param layout what the columns are
 * @param fitted on the training part
 * @param about real targets: whether they become (y - mean) / std, and their names
 * @returns the part
 * @throws DataError for a number that float32 cannot hold
 */
export function partOf(
  encoded: Encoded,
  which: Uint32Array,
  { features, texts, target }: Layout,
  { columns, width, targets: moments }: Fitted,
  {
    areStandardized,
    targetNames,
  }: { readonly areStandardized: boolean; readonly targetNames: readonly string[] },
): Part {
  const inputs = new Float32Array(which.length * width);
  const strange = columns.map((_, i) => new Set(encoded.unknown.get(i)));
  const fill = (column: FittedColumn, i: number, first: number, from: number, to: number) => {
    const values = encoded.features[i]!;
    for (let row = from; row < to; row++) {
      const value = values[which[row]!]!;
      const at = row * width + first;
      if (column.kind === 'category') {
        const index = value === -1 ? column.fill : value;
        const slot = index >= 0 ? column.slots[index]! : -1;
        if (slot >= 0) inputs[at + slot] = 1;
        else if (index >= 0) strange[i]!.add(texts[i]![index]!);
        continue;
      }
      const known = Number.isNaN(value) ? column.fill : value;
      inputs[at] = column.kind === 'number' ? (known - column.mean) / column.std : known;
      if (!Number.isFinite(inputs[at])) throw tooLarge(encoded.file, features[i]!.name, known);
    }
  };
  for (let from = 0; from < which.length; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, which.length);
    let first = 0;
    for (const [i, column] of columns.entries()) {
      fill(column, i, first, from, to);
      first += widthOf(column);
    }
  }
  const unseen = new Map(
    strange.flatMap((own, i) => (own.size === 0 ? [] : [[features[i]!.name, [...own]] as const])),
  );
  if (target.kind === 'class') {
    return { inputs, unseen, targets: Int32Array.from(which, (record) => encoded.targets[0]![record]!) };
  }
  const each = encoded.targets.length;
  const targets = new Float32Array(which.length * each);
  for (const [k, values] of encoded.targets.entries()) {
    for (const [row, record] of which.entries()) {
      const value = values[record]!;
      targets[row * each + k] = areStandardized ? (value - moments.mean[k]!) / moments.std[k]! : value;
      if (!Number.isFinite(targets[row * each + k])) throw tooLarge(encoded.file, targetNames[k]!, value);
    }
  }
  return { inputs, targets, unseen };
}

const tooLarge = (file: string, name: string, value: number) =>
  new DataError('columns', `${file}: column ${quoted(name)} has ${value}, more than float32 can hold`, [
    `change its unit, or leave it out: columns: { ${name}: ignore }`,
  ]);
