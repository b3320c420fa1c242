import { RandomStream } from '../../../random.js';
import type { CsvOptions } from './options.js';
import { TableError } from './table-error.js';

/** Positions of the rows of both parts, in the order of the table. */
export interface Parts {
  readonly train: Uint32Array;
  readonly val: Uint32Array;
}

/** What a split looks at. */
export interface Rows {
  readonly rows: number;
  /** Of each row a number in [0, 1) that follows from what is in it. */
  readonly hashes: Float64Array | null;
  /** Class of each row; null: the target is no class. */
  readonly classes: Int32Array | null;
}

/**
 * Holds out a part of the rows to evaluate on.
 *
 *     hash:    row i is held out if hash(seed, what is in row i) < val
 *     random:  the first round(val * rows) of a random order of the rows are, of each class if stratify
 *
 * By hash rows that are alike are in the same part, and rows that are added move none of those that were there.
 *
 * @param rows what the table has
 * @param split the options
 * @param file for errors
 * @returns both parts
 * @throws TableError when one of them would be empty, or classes cannot be shared out
 */
export function splitRows(rows: Rows, split: CsvOptions['split'], file: string): Parts {
  const isHeldOut = split.by === 'hash' ? byHash(rows, split) : atRandom(rows, split);
  const all = Uint32Array.from({ length: rows.rows }, (_, row) => row);
  const parts = { train: all.filter((row) => !isHeldOut[row]), val: all.filter((row) => isHeldOut[row]) };
  if (parts.train.length > 0 && parts.val.length > 0) return parts;
  const empty = parts.val.length === 0 ? 'none to evaluate on' : 'none to train on';
  throw new TableError(
    'split',
    `of the ${rows.rows} rows of ${file} split.val ${split.val} leaves ${empty}`,
    ['set split.val to another share, split.by to random, or name another file in eval_path'],
  );
}

function byHash({ hashes }: Rows, { val, stratify }: CsvOptions['split']): Uint8Array {
  if (stratify) {
    throw new TableError('split', 'split.stratify shares classes out exactly, and split.by hash does not', [
      'set split.by to random, or split.stratify to false',
    ]);
  }
  return Uint8Array.from(hashes!, (hash) => (hash < val ? 1 : 0));
}

function atRandom({ rows, classes }: Rows, { val, seed, stratify }: CsvOptions['split']): Uint8Array {
  if (stratify && classes === null) {
    throw new TableError('split', 'split.stratify is for classes, and the target is a number', [
      'set split.stratify to false',
    ]);
  }
  const isHeldOut = new Uint8Array(rows);
  const order = new RandomStream(seed, 'split').permutation(rows);
  const groups = new Map<number, number[]>();
  for (const row of order) {
    const group = stratify ? classes![row]! : 0;
    const own = groups.get(group);
    if (own) own.push(row);
    else groups.set(group, [row]);
  }
  for (const group of groups.values()) {
    for (const row of group.slice(0, Math.round(val * group.length))) isHeldOut[row] = 1;
  }
  return isHeldOut;
}
