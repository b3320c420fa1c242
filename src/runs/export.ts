import { join } from 'node:path';
import { UsageError } from '../base/errors.js';
import { makeFolder, writeFileAtomically } from '../base/files.js';
import { exists } from '../base/read.js';
import { loadConfig, planRun } from '../config/index.js';
import { loadTensorFlow } from '../train/backend/tensorflow.js';
import { exportSavedModel, signatureOf } from '../train/engine/graph/export.js';
import { engineDimensions } from '../train/model/shape.js';
import { loadWeights } from '../train/model/weights.js';
import { MOST_SAMPLES } from './most-samples.js';
import { RunFolder } from './store/folder.js';
import { recordedSpec } from './store/preprocessing.js';
import { missingRun } from './store/read.js';
import { type Surroundings, tell } from './surroundings.js';
import { checkWhole } from './whole-number.js';

export interface ExportOptions extends Surroundings {
  /** Which checkpoint. Default: best. */
  readonly weights?: 'best' | 'last' | undefined;
  /** The folder to write to. Default: `savedmodel` in the run's. */
  readonly output?: string | undefined;
  /** How many samples the model takes at once. Default 1. */
  readonly batchSize?: number | undefined;
  /** Replace what was exported there before. Default: refuse. */
  readonly force?: boolean | undefined;
}

/** What was written, and what it takes and gives. */
export interface Exported {
  /** The weights that it holds. */
  readonly checkpoint: string;
  readonly folder: string;
  /** What it calls both. */
  readonly names: { readonly input: 'images' | 'features' | 'tokens'; readonly output: 'logits' | 'values' };
  /** [samples, height, width, channels], [samples, features] or [samples, length]. */
  readonly input: readonly number[];
  /** [samples, classes], or [samples, values]. */
  readonly output: readonly number[];
}

/**
 * Writes a run's model as a SavedModel: its evaluation graph with the weights inside, from bytes of samples to logits.
 *
 * @param run folder of the run
 * @param options which of its weights, and where to
 * @returns what was written
 * @throws UsageError when there is no such run, or the target is there already; LossnetError when it cannot be written
 */
export async function exportModel(run: string, options: ExportOptions = {}): Promise<Exported> {
  const { weights = 'best', batchSize = 1 } = options;
  checkWhole('batchSize', batchSize, 1, MOST_SAMPLES);
  const folder = new RunFolder(run);
  const checkpoint = join(folder.checkpoints, `${weights}.safetensors`);
  if (!exists(folder.config)) throw missingRun(run);
  if (!exists(checkpoint)) {
    throw new UsageError(
      'LOSSNET_RUN_MISSING',
      `${run} has no checkpoint ${checkpoint}.`,
      'Train it for at least one epoch, or choose --weights last.',
    );
  }
  const place = options.output ?? join(run, 'savedmodel');
  const written = join(place, 'saved_model.pb');
  if (exists(written) && !options.force) {
    throw new UsageError(
      'LOSSNET_EXPORT_EXISTS',
      `There is a SavedModel in ${place} already.`,
      'Add --force to replace it, or name another folder with --output.',
    );
  }
  const resolved = loadConfig({ file: folder.config, isRecord: true });
  const { config, model, spec } = planRun(resolved, false, recordedSpec(folder));
  const { target } = spec;
  await loadTensorFlow((text) => tell(options, { type: 'message', text }));
  try {
    loadWeights(model.state, checkpoint);
    const bytes = exportSavedModel(model, { transforms: config.transforms, target }, batchSize);
    makeFolder(place);
    writeFileAtomically(written, Buffer.from(bytes));
  } finally {
    model.dispose();
  }
  const { input, layers } = model;
  const output = layers.at(-1)!.output;
  return {
    checkpoint,
    folder: place,
    names: signatureOf(model, target),
    input: [batchSize, ...engineDimensions(input)],
    output: [batchSize, ...(output.kind === 'features' ? [output.features] : [])],
  };
}
