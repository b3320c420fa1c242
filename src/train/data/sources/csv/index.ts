import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import type { DataSource } from '../../source.js';
import type { CsvOptions } from './options.js';
import { type ReadTable, readTable } from './read.js';

export type { CsvOptions } from './options.js';

/** What reading a table came to. */
type Outcome = { readonly table: ReadTable } | { readonly error: LossnetError };

/** Tables that were read, by what they were read from. */
const outcomes = new Map<string, Outcome>();
/** A comparison has hardly more of them. */
const MOST_KEPT = 3;

/**
 * A table in a file, one row a sample. What it is can only be told by reading it: that happens once in a process, as soon as
 * its spec is asked for, and again where its file has changed.
 *
 * @param options the table
 * @returns the data set; `spec` and `load` throw DataError `LOSSNET_DATA_UNUSABLE` for what is wrong with it
 */
export function csv(options: CsvOptions): DataSource {
  let read: ReadTable | undefined;
  // The same for as long as this object lives, whatever becomes of the file.
  const table = () => {
    read ??= readOnce(options);
    return read;
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
    recall: async ({ split }) => {
      const { train, eval: evaluation, test } = table();
      if (split === 'train') return train;
      return split === 'test' ? (test ?? evaluation) : evaluation;
    },
  };
}

function readOnce(options: CsvOptions): ReadTable {
  const key = keyOf(options);
  let outcome = outcomes.get(key);
  if (outcome === undefined) {
    outcome = attempt(options);
    outcomes.set(key, outcome);
    for (const old of [...outcomes.keys()].slice(0, -MOST_KEPT)) outcomes.delete(old);
  }
  if ('error' in outcome) throw outcome.error;
  return outcome.table;
}

function attempt(options: CsvOptions): Outcome {
  try {
    return { table: readTable(options) };
  } catch (error) {
    if (error instanceof LossnetError) return { error };
    throw error;
  }
}

/** Changes with the file; null where that cannot be told, as reading it will. */
function stateOf(path: string): readonly number[] | null {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return [ino, size, mtimeMs];
  } catch {
    return null;
  }
}

/** The options and the state of the files. */
function keyOf(options: CsvOptions): string {
  const files = [options.path, options.columnsFrom, options.evalPath, options.testPath].map((path) => {
    if (path === null) return null;
    return [resolve(path), stateOf(path)];
  });
  return JSON.stringify([options, files]);
}
