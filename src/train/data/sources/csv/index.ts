import { readOnce } from '../../read-once.js';
import type { DataSource } from '../../source.js';
import type { CsvOptions } from './options.js';
import { type ReadTable, readTable } from './read.js';

export type { CsvOptions } from './options.js';

/** A comparison has hardly more of them. */
const MOST_KEPT = 3;
const read = readOnce(
  readTable,
  ({ path, columnsFrom, evalPath, testPath }: CsvOptions) => [path, columnsFrom, evalPath, testPath],
  MOST_KEPT,
);

/**
 * A table in a file, one row a sample. What it is can only be told by reading it: that happens once in a process, as soon as
 * its spec is asked for, and again where its file has changed.
 *
 * @param options the table
 * @returns the data set; `spec` and `load` throw DataError `LOSSNET_DATA_UNUSABLE` for what is wrong with it
 */
export function csv(options: CsvOptions): DataSource {
  let own: ReadTable | undefined;
  // The same for as long as this object lives, whatever becomes of the file.
  const table = () => {
    own ??= read(options);
    return own;
  };
  return {
    get spec() {
      return table().spec;
    },
    load: async () => {
      const { spec: _, findings: __, ...parts } = table();
      return parts;
    },
    findings: async () => table().findings(),
    known: table,
    recall: async ({ split }) => {
      const { train, eval: evaluation, test } = table();
      if (split === 'train') return train;
      return split === 'test' ? (test ?? evaluation) : evaluation;
    },
  };
}
