import { z } from 'zod';
import { nonNegativeInt, optional, standardize } from '../fields.js';
import { ownSplit } from './split.js';

const columnName = z.union([z.string().min(1), z.int()]);

export const csv = z.strictObject({
  type: z.literal('csv'),
  path: z.string().min(1).describe('The table: CSV, TSV and the like, gzipped or not.'),
  target: z
    .union([
      columnName,
      z.strictObject({
        column: columnName.describe('Its name, or its position.'),
        type: optional(z.enum(['class', 'number'])).describe('Default: as its values look.'),
      }),
      z.array(columnName).min(1),
    ])
    .describe('The column to tell, by name or by position from 1 (-1: the last), or several of numbers.'),
  columns: z
    .record(z.string(), z.enum(['number', 'boolean', 'category', 'ignore']))
    .default({})
    .describe('What columns are, by their names. Default: as their values look.'),
  header: z
    .boolean()
    .default(true)
    .describe('Whether the first line names the columns; else their positions are their names.'),
  skip_lines: nonNegativeInt.default(0).describe('Lines to leave out before that.'),
  delimiter: z
    .enum(['auto', 'comma', 'semicolon', 'tab', 'pipe', 'blank'])
    .default('auto')
    .describe('What stands between two fields; blank: spaces, however many.'),
  decimal: z.enum(['auto', 'point', 'comma']).default('auto').describe('What stands before decimals.'),
  missing: z
    .enum(['error', 'drop', 'mean', 'median', 'constant'])
    .default('error')
    .describe('What to do about missing values: refuse them, leave out their rows, or fill in.'),
  missing_values: z
    .array(z.string())
    .default(['NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', 'None', '#N/A', '<NA>', '?'])
    .describe('Texts that stand for a missing value, besides an empty field.'),
  fill: z.number().default(0).describe('What missing: constant fills numbers with.'),
  standardize,
  split: ownSplit({
    by: z
      .enum(['hash', 'random', 'column', 'time'])
      .default('hash')
      .describe(
        'hash: by what is in a row, so that further rows move none; random: by lot, in exactly these shares; column: as a column says; time: the latest rows for the end.',
      ),
    column: optional(columnName).describe(
      'Of column: the one that says train, val or test; of time: the one with the time.',
    ),
    group: optional(columnName).describe(
      'Of hash and random: rows that have the same in this column stay together.',
    ),
  })
    .prefault({})
    .describe('Which rows are trained on, unless eval_path and test_path name other files.'),
  eval_path: optional(z.string().min(1)).describe(
    'A file of its own to choose the best epoch with, with the same columns.',
  ),
  test_path: optional(z.string().min(1)).describe('A file of its own for the end, with the same columns.'),
  columns_from: optional(z.string().min(1)).describe(
    'Another file with the same rows, whose columns follow those of path.',
  ),
});
