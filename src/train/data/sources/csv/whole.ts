import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { DataError, quoted, some } from '../../data-error.js';
import type { Dataset } from '../../dataset.js';
import type { Preprocessing } from '../../preprocessing.js';
import type { CsvOptions } from './options.js';
import { rowEncoder } from './row-encoder.js';
import { openTable } from './table.js';

/**
 * All rows of a table that was not trained on, with what was learnt where the model was.
 *
 * @param options of the table
 * @param preprocessing of the run
 * @returns its rows, with what is right of each
 * @throws DataError with all columns that are missing; with the first rows that cannot be used, and how many
 */
export function wholeTable(options: CsvOptions, preprocessing: Preprocessing): Dataset {
  const { path } = options;
  const { spec } = preprocessing;
  const table = openTable(path, 'path', options);
  const lacking = (columns: readonly string[]) =>
    new DataError(
      'path',
      `${path} lacks columns of the table that was trained on: ${some(columns.map(quoted))}`,
      ['name a table with the same columns; their order does not matter'],
    );
  const encode = rowEncoder(preprocessing, options, table.names, { isTargetWanted: true, lacking });
  const rows: Float32Array[] = [];
  const targets: (number | readonly number[])[] = [];
  const lines: number[] = [];
  const wrong: string[] = [];
  table.lines.forEach((line, i) => {
    const row = encode(table.texts.flatMap((own) => own.fields(i)));
    if ('problems' in row) {
      const isDropped = options.missing === 'drop' && row.isIncomplete;
      if (!isDropped) wrong.push(`line ${line}: ${row.problems.join('; ')}`);
      return;
    }
    rows.push(row.inputs);
    targets.push(row.target!);
    lines.push(line);
  });
  if (wrong.length > 0 || rows.length === 0) {
    const message = rows.length === 0 && wrong.length === 0 ? 'every row lacks something' : some(wrong);
    throw new DataError('path', `${path}: ${message}`, ['mend these rows, or leave them out']);
  }
  const inputs = new Float32Array(rows.length * rows[0]!.length);
  for (const [i, row] of rows.entries()) inputs.set(row, i * row.length);
  const all =
    spec.target.kind === 'class' ? Int32Array.from(targets as number[]) : Float32Array.from(targets.flat());
  const sha256 = createHash('sha256')
    .update(new Uint8Array(inputs.buffer))
    .update(new Uint8Array(all.buffer));
  return {
    identity: {
      name: basename(path),
      split: 'test',
      source: path,
      records: rows.length,
      sha256: sha256.digest('hex'),
    },
    ...{ spec, inputs, targets: all },
    nameOf: (record) => `${path}:${lines[record]!}`,
  };
}
