import { z } from 'zod';
import { readTextIfThere } from '../../base/read.js';
import { toSnakeCase } from '../../config/index.js';
import type { DataSpec } from '../../train/data/dataset.js';
import type { Preprocessing } from '../../train/data/preprocessing.js';
import { checked, damaged, parseJson } from './damage.js';
import type { RunFolder } from './folder.js';

const names = z.array(z.string()).min(1);
const size = z.int().min(1);

const schema = z.object({
  name: z.string(),
  input: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('image'), channels: size, height: size, width: size }),
    z.object({ kind: z.literal('features'), features: size }),
    z.object({ kind: z.literal('tokens'), length: size, vocabulary: size }),
  ]),
  target: z.discriminatedUnion('kind', [
    z.object({
      ...{ kind: z.literal('class'), names, of: z.literal('token').optional() },
      length: size.optional(),
    }),
    z.object({
      kind: z.literal('value'),
      names,
      mean: z.array(z.number()).optional(),
      std: z.array(z.number()).nullable().optional(),
    }),
  ]),
  has_test: z.boolean().default(false),
  inputs: z
    .array(
      z.discriminatedUnion('kind', [
        z.object({
          column: z.string(),
          kind: z.literal('number'),
          fill: z.number(),
          mean: z.number(),
          std: z.number(),
        }),
        z.object({ column: z.string(), kind: z.literal('boolean'), fill: z.number() }),
        z.object({
          ...{ column: z.string(), kind: z.literal('category') },
          ...{ categories: z.array(z.string()), fill: z.string().nullable() },
        }),
      ]),
    )
    .nullable()
    .default(null),
  decimal: z.enum(['point', 'comma']).optional(),
  tokens: z
    .object({ level: z.enum(['char', 'byte']), vocabulary: z.array(z.string()).nullable() })
    .optional(),
});

/**
 * @param preprocessing of a run
 * @param more keys for who uses an export without lossnet, which does not read them itself
 * @returns the content of preprocessing.json
 */
export function preprocessingText(
  { spec, inputs, tokens, decimal }: Preprocessing,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const { name, input, target, hasTest = false } = spec;
  const fitted = { inputs, ...(decimal && { decimal }), ...(tokens && { tokens }) };
  const record = toSnakeCase({ name, input, target, hasTest, ...fitted, ...more });
  return `${JSON.stringify(record, null, 2)}\n`;
}

/**
 * What a run's data were, as it recorded them: true whatever has become of the files.
 *
 * @param folder of the run, or of an exported model
 * @returns the spec; null where none is recorded, since the configuration alone says it
 * @throws LossnetError when the file was damaged
 */
export function recordedSpec(folder: RunFolder): DataSpec | null {
  return recordedPreprocessing(folder)?.spec ?? null;
}

/** Likewise, with what was learnt from the training part. */
export function recordedPreprocessing({ preprocessing: file, path }: RunFolder): Preprocessing | null {
  const text = readTextIfThere(file);
  if (text === null) return null;
  try {
    const { has_test: hasTest, inputs, tokens, decimal, ...spec } = checked(parseJson(text), schema);
    const fitted = { inputs, ...(tokens && { tokens }), ...(decimal && { decimal }) };
    return { spec: { ...spec, hasTest } as DataSpec, ...fitted };
  } catch (error) {
    throw damaged(
      file,
      error,
      `Where the data are still there, mend it with: lossnet train ${path} --resume`,
    );
  }
}
