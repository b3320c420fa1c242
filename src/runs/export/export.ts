import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UsageError } from '../../base/errors.js';
import { readBytes } from '../../base/read.js';
import { type Plan, planRun } from '../../config/index.js';
import { workPerSample } from '../../train/model/work.js';
import { EXPORT_RECORD } from '../store/folder.js';
import { preprocessingText } from '../store/preprocessing.js';
import { readRun, standInOf } from '../store/read.js';
import { isStopped, type Surroundings, tell } from '../surroundings.js';
import type { Weights } from '../trained/find.js';
import { openTrained } from '../trained/open.js';
import { loadPredictor } from '../trained/predictor.js';
import { checkWhole } from '../whole-number.js';
import { modelCard } from './card/card.js';
import { checkExport, type ExportCheck } from './check.js';
import { encodeModel } from './encode.js';
import { checkPlace, writeExport } from './folder.js';
import { EXPORT_FORMATS, type ExportFormat, MOST_SAMPLES } from './formats.js';
import { loadOnnxRuntime } from './package.js';
import { type ExportRecord, exportRecordText } from './record.js';
import { rowsFiles, rowsOptions } from './rows/files.js';
import { type Samples, samplesFor } from './samples.js';
import { looksAtBatch, portsOf, type Subject } from './subject.js';

export interface ExportOptions extends Surroundings {
  /** What to write. Default: savedmodel. */
  readonly format?: ExportFormat | undefined;
  /** Which checkpoint of a run. Default: the best; of a run without an evaluation the last. */
  readonly weights?: Weights | undefined;
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
export interface Exported
  extends Pick<ExportRecord, 'format' | 'batchSize' | 'input' | 'output' | 'standsInFor'> {
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
 * Writes a run's model for other programs, its weights inside, from bytes of samples to logits or values; and beside it the
 * configuration, what was learnt from the data before training, a model card, and a record of what it is. What was written is
 * run, and must say what lossnet says.
 *
 * @param run folder of a run, or a checkpoint in it
 * @param options what to write, which of its weights, and where to
 * @returns what was written; null when it was told to stop, and nothing was
 * @throws UsageError when there is no such run, or something is in the way; LossnetError when it cannot be written, when the
 * package that runs it is missing, or when it differs from lossnet by more than 1e-5 of the largest value
 */
export async function exportModel(run: string, options: ExportOptions = {}): Promise<Exported | null> {
  const { format = EXPORT_FORMATS[0], check = true } = options;
  checkOptions(options);
  const trained = openTrained(run, options.weights);
  if (trained.found.kind === 'export') throw exportedAlready(run);
  const { folder, checkpoint } = trained.found;
  const record = readRun(folder.path);
  const standIn = standInOf(record);
  if (standIn !== undefined) {
    const text = `${standIn} could not be had when ${folder.path} was trained: generated shapes stood in for it, and this model knows nothing else.`;
    tell(options, { type: 'stand_in', text });
  }
  const place = options.output ?? join(folder.path, format);
  checkPlace(place, options.force ?? false);
  if (check && format === 'onnx') await loadOnnxRuntime();
  const plan = planRun(trained.resolved, false, trained.preprocessing.spec);
  const predictor = await loadPredictor(trained, plan, plan.config.evaluation.batchSize, options);
  try {
    const batchSize = options.batchSize ?? (format === 'savedmodel' ? 1 : null);
    const subject = subjectOf(plan);
    const sha256 = createHash('sha256').update(readBytes(checkpoint)).digest('hex');
    const told: Omit<ExportRecord, 'lossnet'> = {
      ...{ format, checkpoint: { file: basename(checkpoint), sha256 }, batchSize },
      ...portsOf(subject, batchSize),
      looksAtBatch: looksAtBatch(subject.options),
      ...(standIn !== undefined && { standsInFor: standIn }),
    };
    const card = {
      ...{ run: record, plan, preprocessing: trained.preprocessing, record: told },
      license: options.license ?? 'unknown',
    };
    const files = new Map<string, Buffer | string>([
      ...encodeModel(format, plan.model, subject, batchSize),
      ['config.yaml', readBytes(folder.config)],
      ['preprocessing.json', preprocessingText(trained.preprocessing, rowsOptions(plan.config))],
      ...rowsFiles(format, plan.config),
      ['README.md', modelCard(card, subject)],
      [EXPORT_RECORD, exportRecordText(told)],
    ]);
    const tryOut = async (written: string) => {
      if (!check) return null;
      const samples = await samplesFor(record, plan, options);
      const result = await checkExport(written, predictor, samples, goOn(format, plan, samples, options));
      if (result === null) throw new Stopped();
      return result;
    };
    const result = await writeExport(place, files, tryOut);
    const bytes = [...files.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);
    const { input, output } = told;
    return {
      ...{ format, batchSize, input, output, checkpoint, folder: place, files: [...files.keys()] },
      ...{ bytes, check: result, ...(standIn !== undefined && { standsInFor: standIn }) },
    };
  } catch (error) {
    if (error instanceof Stopped) return null;
    throw error;
  } finally {
    predictor.dispose();
  }
}

/** It was told to stop before what was written was in its place: nothing is. */
class Stopped extends Error {}

/** From so many floating point operations on, tfjs takes seconds: it is told how far the check is. */
const MUCH_WORK = 1e10;

/** Whether a check goes on after some samples. */
function goOn(
  format: ExportFormat,
  { model }: Plan,
  { count }: Samples,
  surroundings: Surroundings,
): (done: number) => Promise<boolean> {
  const isLong = format === 'tfjs' && workPerSample(model.layers) * count > MUCH_WORK;
  return async (done) => {
    if (isLong) tell(surroundings, { type: 'prepare', what: 'Checking the export', done, total: count });
    // What has happened meanwhile is noticed now: a signal waits until there is time for it.
    await nextTurn();
    await nextTurn();
    return !isStopped(surroundings);
  };
}

function exportedAlready(path: string): UsageError {
  return new UsageError(
    'LOSSNET_RUN_MISSING',
    `${path} is an exported model already.`,
    'Name the folder of a run, or a checkpoint in it.',
  );
}

function checkOptions({ format, batchSize, license }: ExportOptions): void {
  checkWhole('batchSize', batchSize, 1, MOST_SAMPLES);
  if (batchSize !== undefined && format === 'safetensors') {
    throw new UsageError(
      'LOSSNET_USAGE',
      'A batch size was given, and weights alone, as safetensors has them, are for any.',
      'Leave it out, or choose another format.',
    );
  }
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
