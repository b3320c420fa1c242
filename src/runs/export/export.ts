import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { exists, readBytes } from '../../base/read.js';
import { type Plan, planRun } from '../../config/index.js';
import { loadTensorFlow } from '../../train/backend/tensorflow.js';
import { loadWeights } from '../../train/model/weights.js';
import { RunFolder } from '../store/folder.js';
import { preprocessingText, recordedSpec } from '../store/preprocessing.js';
import { type RunRecord, readRun } from '../store/read.js';
import { type Surroundings, tell } from '../surroundings.js';
import { checkWhole } from '../whole-number.js';
import { modelCard } from './card/card.js';
import { checkExport, type ExportCheck } from './check.js';
import { encodeModel } from './encode.js';
import { loadOnnxRuntime } from './package.js';
import { checkPlace, writeExport } from './place.js';
import {
  EXPORT_FORMATS,
  EXPORT_RECORD,
  type ExportFormat,
  type ExportRecord,
  exportRecordText,
  MOST_SAMPLES,
} from './record.js';
import { samplesFor } from './samples.js';
import { looksAtBatch, portsOf, type Subject } from './subject.js';

export interface ExportOptions extends Surroundings {
  /** What to write. Default: savedmodel. */
  readonly format?: ExportFormat | undefined;
  /** Which checkpoint. Default: best. */
  readonly weights?: 'best' | 'last' | undefined;
  /** The folder to write to. Default: one of the format's name in the run's. */
  readonly output?: string | undefined;
  /** How many samples the model takes at once. Default: any number, of a SavedModel 1. */
  readonly batchSize?: number | undefined;
  /** Replace what was exported there before. Default: refuse. */
  readonly force?: boolean | undefined;
  /** Run what was written, and compare it with lossnet. Default: true. */
  readonly check?: boolean | undefined;
  /** The licence, as Hugging Face calls it, such as `apache-2.0`, for the model card. Default: unknown. */
  readonly license?: string | undefined;
}

/** What was written, and what it takes and gives. */
export interface Exported extends Pick<ExportRecord, 'format' | 'batchSize' | 'input' | 'output'> {
  /** The weights that it holds. */
  readonly checkpoint: string;
  readonly folder: string;
  /** The names of its files. */
  readonly files: readonly string[];
  /** The size of all of them. */
  readonly bytes: number;
  /** How it compares with lossnet; null: it was not run. */
  readonly check: ExportCheck | null;
}

/**
 * Writes a run's model for other programs, with all that belongs to it: the model, its weights inside, from bytes of samples to logits or values;
 * the configuration, what was learnt from the data before training, a model card, and a record of what it is. What was
 * written is run, and must say what lossnet says.
 *
 * @param run folder of the run
 * @param options what to write, which of its weights, and where to
 * @returns what was written
 * @throws UsageError when there is no such run, or something is in the way; LossnetError when it cannot be written, when the
 * package that runs it is missing, or when it differs from lossnet by more than 1e-5 of the largest value
 */
export async function exportModel(run: string, options: ExportOptions = {}): Promise<Exported> {
  const { format = EXPORT_FORMATS[0], weights = 'best', force = false, check = true } = options;
  checkOptions(options);
  const record = readRun(run);
  const folder = new RunFolder(run);
  const checkpoint = join(folder.checkpoints, `${weights}.safetensors`);
  if (!exists(checkpoint)) {
    throw new UsageError(
      'LOSSNET_RUN_MISSING',
      `${run} has no checkpoint ${checkpoint}.`,
      'Train it for at least one epoch, or choose --weights last.',
    );
  }
  const place = resolve(options.output ?? join(run, format));
  checkPlace(place, force);
  if (check && format === 'onnx') await loadOnnxRuntime();
  const plan = planRun(record.resolved, false, recordedSpec(folder));
  await loadTensorFlow((text) => tell(options, { type: 'message', text }));
  try {
    loadWeights(plan.model.state, checkpoint);
    const batchSize = options.batchSize ?? (format === 'savedmodel' ? 1 : null);
    const subject = subjectOf(plan);
    const told: Omit<ExportRecord, 'lossnet'> = {
      format,
      checkpoint: {
        file: `${weights}.safetensors`,
        sha256: createHash('sha256').update(readBytes(checkpoint)).digest('hex'),
      },
      ...portsOf(subject, batchSize),
      batchSize,
      looksAtBatch: looksAtBatch(subject.options),
    };
    const files = new Map<string, Buffer | string>([
      ...encodeModel(format, plan.model, subject, batchSize),
      ...companions(record, plan, told, options),
    ]);
    const result = await writeExport(place, files, async (written) =>
      check ? checkExport(written, plan, await samplesFor(record, plan, options), options) : null,
    );
    const bytes = [...files.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);
    const { input, output } = told;
    const names = [...files.keys()];
    return {
      ...{ format, batchSize, input, output, checkpoint, bytes, files: names, check: result },
      folder: options.output ?? join(run, format),
    };
  } finally {
    plan.model.dispose();
  }
}

function checkOptions({ format, batchSize, license }: ExportOptions): void {
  checkWhole('batchSize', batchSize, 1, MOST_SAMPLES);
  if (format !== undefined && !EXPORT_FORMATS.includes(format)) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `format is ${JSON.stringify(format)}; expected ${EXPORT_FORMATS.join(', ')}.`,
    );
  }
  if (license !== undefined && !/^[a-z0-9][a-z0-9.+-]*$/i.test(license)) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `license is ${JSON.stringify(license)}; expected the short name of one, such as apache-2.0, mit or cc-by-4.0.`,
      'Hugging Face has a list of them: https://huggingface.co/docs/hub/repositories-licenses',
    );
  }
}

function subjectOf({ model, config, spec }: Plan): Subject {
  const { input, layers } = model;
  const { scale, normalize } = config.transforms;
  return { input, layers, options: config.model, transforms: { scale, normalize }, target: spec.target };
}

/** What lies beside the model, whatever the format. */
function companions(
  run: RunRecord,
  plan: Plan,
  record: Omit<ExportRecord, 'lossnet'>,
  { license = 'unknown', weights = 'best' }: ExportOptions,
): [string, Buffer | string][] {
  const folder = new RunFolder(run.path);
  const fitted = exists(folder.preprocessing)
    ? readBytes(folder.preprocessing)
    : preprocessingText({ spec: plan.spec, inputs: null });
  return [
    ['config.yaml', readBytes(folder.config)],
    ['preprocessing.json', fitted],
    ['README.md', modelCard({ run, plan, record, license, weights })],
    [EXPORT_RECORD, exportRecordText(record)],
  ];
}
