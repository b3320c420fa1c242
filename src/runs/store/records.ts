import { z } from 'zod';
import { DIVERGENCE_CAUSES } from '../../train/diagnosis.js';
import { checked, parseJson } from './damage.js';
import { type KeyedFigures, keyFor, type Measured, type Part } from './figures.js';

/**
 * What is read of the files of a run: events of it with their keys in snake_case, null for what is not finite. Records of
 * older versions lack what stands here with a default or as optional.
 */
const count = z.int().min(0);
const ordinal = z.int().min(1);
const figure = z.number();

const identity = z.object({
  name: z.string(),
  split: z.enum(['train', 'val', 'test']),
  source: z.string(),
  records: count,
  sha256: z.string(),
  stands_in_for: z.string().optional(),
  from: z.object({ split: z.enum(['train', 'val', 'test']), records: count, sha256: z.string() }).optional(),
});

const start = z.object({
  type: z.literal('start'),
  epochs: ordinal,
  steps_per_epoch: ordinal,
  parameters: count,
  /** Where some are frozen. */
  trainable_parameters: count.optional(),
  train: identity,
  eval: identity.nullable(),
  test: identity.optional(),
  init_sha256: z.string().nullable().default(null),
  order_sha256: z.string().nullable().default(null),
  /** What balanced class weights were. */
  class_weights: z.array(figure).nullable().default(null),
  stands_in_for: z.string().optional(),
});

const step = z.object({
  type: z.literal('step'),
  epoch: ordinal,
  step: ordinal,
  loss: figure.nullable(),
  lr: figure,
  group_lrs: z.array(figure).optional(),
  grad_norm: figure.nullable(),
});

const layers = z.object({
  type: z.literal('layers'),
  epoch: ordinal,
  step: ordinal,
  layers: z.array(
    z.object({
      layer: z.string(),
      grad_norm: figure.nullable(),
      weight_norm: figure.nullable(),
      update_ratio: figure.nullable(),
    }),
  ),
});

/**
 * The primary metric is always there; the others may be younger than the record, and those of evaluation alone are not there in an
 * epoch without one.
 */
function epochSchema(metrics: readonly Measured[]) {
  const ofTask = (part: Part): object =>
    Object.fromEntries(
      metrics
        .filter((metric) => part === 'eval' || !metric.evaluationOnly)
        .map((metric, i) => {
          // A mean over samples may be too large for a number where their loss is not.
          const value = part === 'train' && metric.display === 'share' ? figure : figure.nullable();
          return [keyFor(part, metric), i === 0 ? value : value.optional()];
        }),
    );
  return z.object({
    type: z.literal('epoch'),
    epoch: ordinal,
    step: ordinal,
    running_loss: figure,
    train_loss: figure,
    ...ofTask('train'),
    lr: figure,
    group_lrs: z.array(figure).optional(),
    eval_loss: figure.nullable(),
    ...ofTask('eval'),
    best: z.boolean(),
  });
}

const diverged = z.object({
  type: z.literal('diverged'),
  phase: z.enum(['training', 'evaluation', 'saving', 'test']).default('training'),
  epoch: ordinal,
  step: count,
  /** Runs of before it was told took it to be the steps. */
  cause: z.enum(DIVERGENCE_CAUSES).default('steps'),
  tensor: z.string(),
  lr: figure,
  /** null where the learning rate is not the cause. */
  suggested_lr: figure.nullable(),
});

const timing = z
  .object({
    type: z.literal('timing'),
    epoch: ordinal,
    train_seconds: figure,
    eval_seconds: figure,
    samples_per_second: figure.nullable().optional(),
    /** The name of before samples were not always images; newer records have both. */
    images_per_second: figure.nullable().optional(),
  })
  .transform(({ samples_per_second, images_per_second = null, ...record }) => ({
    ...record,
    samples_per_second: samples_per_second === undefined ? images_per_second : samples_per_second,
  }));

const typed = z.object({ type: z.string() });
const SCHEMAS = { start, step, layers, diverged, timing };

export type StartRecord = z.output<typeof start>;
export type StepRecord = z.output<typeof step>;
export type LayersRecord = z.output<typeof layers>;
export type EpochRecord = z.output<ReturnType<typeof epochSchema>> & KeyedFigures;
export type DivergedRecord = z.output<typeof diverged>;
export type TimingRecord = z.output<typeof timing>;
export type RunLine = StartRecord | StepRecord | LayersRecord | EpochRecord | DivergedRecord | TimingRecord;

/**
 * Reads a line of metrics.jsonl or timings.jsonl, without its line end: gives the record, or null for one of a kind that only a
 * newer version knows. It throws Damage when it is no such line.
 */
export type LineReader = (line: string) => RunLine | null;

/**
 * @param metrics that the run's task has, the primary one first
 * @returns what reads the run's records
 */
export function lineReader(metrics: readonly Measured[]): LineReader {
  const schemas = { ...SCHEMAS, epoch: epochSchema(metrics) };
  return (line) => {
    const value = parseJson(line);
    const { type } = checked(value, typed);
    return Object.hasOwn(schemas, type) ? checked(value, schemas[type as keyof typeof schemas]) : null;
  };
}

const diagnosis = z.object({
  kind: z.string(),
  finding: z.string(),
  advice: z.string().nullable(),
  suggested_lr: figure.nullable(),
});

const summary = z.object({
  status: z.enum(['done', 'interrupted', 'diverged']),
  /** Whole epochs. */
  epochs: count,
  stands_in_for: z.string().optional(),
  /** Of the samples that were left for the end. */
  test: z.record(z.string(), figure.nullable()).nullable().default(null),
  diagnosis: diagnosis.nullable().default(null),
  /** Of lossnet, Node and TensorFlow. */
  versions: z.record(z.string(), z.string()).optional(),
});

export type RecordedDiagnosis = z.output<typeof diagnosis>;
/** What is read of summary.json. */
export type RunSummary = z.output<typeof summary>;

/** Reads a summary.json. @throws Damage when it is none */
export function parseSummary(text: string): RunSummary {
  return checked(parseJson(text), summary);
}
