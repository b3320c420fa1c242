import { writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { LossnetError } from '../../../../../src/base/errors.js';
import { inMemory } from '../../../../../src/train/data/dataset.js';
import type { DataSource } from '../../../../../src/train/data/source.js';
import { type CsvOptions, csv } from '../../../../../src/train/data/sources/csv/index.js';
import { temporaryFolder } from '../../helpers.js';

/** What a configuration has that says no more than the file and the target. */
const DEFAULTS: Omit<CsvOptions, 'path' | 'target'> = {
  type: 'csv',
  columns: {},
  header: true,
  skipLines: 0,
  delimiter: 'auto',
  decimal: 'auto',
  missing: 'error',
  missingValues: ['NA', '?'],
  fill: 0,
  standardize: false,
  split: { val: 0.5, by: 'random', seed: 0, stratify: false, test: 0, column: null, group: null },
  evalPath: null,
  testPath: null,
  columnsFrom: null,
  wanted: 'class',
};

/** A table with this text, and other files beside it that the options name. */
export function tableOf(
  text: string | Uint8Array,
  options: Partial<CsvOptions> = {},
  others: Readonly<Record<string, string>> = {},
): DataSource {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 't.csv'), text);
  for (const [name, content] of Object.entries(others)) writeFileSync(join(folder, name), content);
  const at = (path: string | null | undefined) =>
    path ? (isAbsolute(path) ? path : join(folder, path)) : null;
  return csv({
    ...{ ...DEFAULTS, target: 'y', ...options },
    ...{
      path: at(options.path ?? 't.csv')!,
      evalPath: at(options.evalPath),
      testPath: at(options.testPath),
      columnsFrom: at(options.columnsFrom),
    },
  });
}

/** All rows of both parts, in the order of the table where none is held out by lot. */
export async function rowsOf(source: DataSource, part: 'train' | 'eval' = 'train'): Promise<number[][]> {
  const { [part]: dataset } = await source.load();
  const { targets, spec } = dataset;
  const inputs = inMemory(dataset);
  const { features } = spec.input as { features: number };
  const each = targets.length / dataset.identity.records;
  return Array.from({ length: dataset.identity.records }, (_, row) => [
    ...inputs.subarray(row * features, (row + 1) * features),
    ...targets.subarray(row * each, (row + 1) * each),
  ]);
}

/** What is wrong with a table, folders left out, with its remedies after an arrow. */
export function refusal(source: DataSource): string {
  try {
    source.spec;
  } catch (error) {
    const { message, remedy } = error as LossnetError;
    return [message, ...(remedy?.split('\n') ?? [])].join(' → ').replace(/\/\S*\//g, '');
  }
  throw new Error('nothing is wrong with it');
}
