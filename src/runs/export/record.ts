import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../base/errors.js';
import { VERSION } from '../../base/package.js';
import { exists, readTextIfThere } from '../../base/read.js';
import { toSnakeCase } from '../../config/index.js';
import { checked, damaged, parseJson } from '../store/damage.js';
import { EXPORT_RECORD } from '../store/folder.js';
import { EXPORT_FORMATS, type ExportFormat } from './formats.js';
import type { Port } from './subject.js';

/** What an export says of itself. */
export interface ExportRecord {
  readonly format: ExportFormat;
  /** The version that wrote it. */
  readonly lossnet: string;
  /** Where its weights come from. */
  readonly checkpoint: { readonly file: string; readonly sha256: string };
  readonly input: Port;
  readonly output: Port;
  /** How many samples it takes at once; null: any number. */
  readonly batchSize: number | null;
  /** Whether what it says of a sample depends on the others in the batch. */
  readonly looksAtBatch: boolean;
  /** The data set that was asked for, when it was trained on generated shapes in its place. */
  readonly standsInFor?: string;
}

const size = z.int().min(1);
const sizes = z.array(size.nullable()).min(1);

const schema = z.object({
  format: z.enum(EXPORT_FORMATS),
  lossnet: z.string(),
  checkpoint: z.object({ file: z.string(), sha256: z.string() }),
  input: z.object({
    name: z.enum(['images', 'features', 'tokens']),
    dtype: z.enum(['float32', 'int32']),
    shape: sizes,
  }),
  output: z.object({ name: z.enum(['logits', 'values']), dtype: z.literal('float32'), shape: sizes }),
  batch_size: size.nullable(),
  looks_at_batch: z.boolean(),
  stands_in_for: z.string().optional(),
});

/** @returns the content of export.json */
export function exportRecordText(record: Omit<ExportRecord, 'lossnet'>): string {
  const { format, ...rest } = record;
  return `${JSON.stringify(toSnakeCase({ format, lossnet: VERSION, ...rest }), null, 2)}\n`;
}

/**
 * @param folder of an export
 * @returns what it says of itself
 * @throws UsageError when it is none; LossnetError when the file was damaged
 */
export function readExportRecord(folder: string): ExportRecord {
  const file = join(folder, EXPORT_RECORD);
  const text = readTextIfThere(file);
  if (text === null) {
    throw new UsageError(
      'LOSSNET_EXPORT_MISSING',
      exists(folder)
        ? `${folder} is no export: it has no ${EXPORT_RECORD}.`
        : `There is no folder ${folder}.`,
      'Name a folder that lossnet export wrote.',
    );
  }
  try {
    const {
      batch_size: batchSize,
      looks_at_batch: looksAtBatch,
      stands_in_for: standsInFor,
      ...rest
    } = checked(parseJson(text), schema);
    return { ...rest, batchSize, looksAtBatch, ...(standsInFor !== undefined && { standsInFor }) };
  } catch (error) {
    throw damaged(file, error, EXPORT_AGAIN);
  }
}

/** What to do about an export that is damaged. */
export const EXPORT_AGAIN = 'It was changed after lossnet wrote it. Export the run again, with --force.';
