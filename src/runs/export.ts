import { join } from 'node:path';
import { UsageError } from '../base/errors.js';
import { makeFolder, writeFileAtomically } from '../base/files.js';
import { exists } from '../base/read.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import type { Io } from '../cli/io.js';
import { loadConfig, planRun } from '../config/index.js';
import { loadTensorFlow } from '../train/backend/tensorflow.js';
import { exportSavedModel } from '../train/engine/graph/export.js';
import { loadWeights } from '../train/model/weights.js';
import { RunFolder } from './store/folder.js';
import { missingRun } from './store/missing-run.js';

export interface ExportRequest {
  readonly run: string;
  readonly weights: 'best' | 'last';
  readonly output?: string;
  readonly batchSize: number;
  readonly force?: true;
}

/**
 * Writes a run's model as a SavedModel.
 *
 * @param request which run, which of its weights, and where to
 * @param io where to say it
 * @returns the exit code
 * @throws UsageError when there is no such run, or the target is there already
 */
export async function exportRun(
  { run, weights, output, batchSize, force }: ExportRequest,
  io: Io,
): Promise<ExitCode> {
  const folder = new RunFolder(run);
  const file = join(folder.checkpoints, `${weights}.safetensors`);
  if (!exists(folder.config)) throw missingRun(run);
  if (!exists(file)) {
    throw new UsageError(
      'LOSSNET_RUN_MISSING',
      `${run} has no checkpoint ${file}.`,
      'Train it for at least one epoch, or choose --weights last.',
    );
  }
  const target = output ?? join(run, 'savedmodel');
  const written = join(target, 'saved_model.pb');
  if (exists(written) && !force) {
    throw new UsageError(
      'LOSSNET_EXPORT_EXISTS',
      `There is a SavedModel in ${target} already.`,
      'Add --force to replace it, or name another folder with --output.',
    );
  }
  const { config, model } = planRun(loadConfig({ file: folder.config, isRecord: true }), false);
  await loadTensorFlow((message) => io.log(message));
  loadWeights(model.state, file);
  const bytes = exportSavedModel(model, config.transforms, batchSize);
  makeFolder(target);
  writeFileAtomically(written, Buffer.from(bytes));
  const { input, layers } = model;
  const sizes = input.kind === 'image' ? [input.height, input.width, input.channels] : [];
  const last = layers.at(-1)!.output;
  const classes = last.kind === 'features' ? last.features : 0;
  io.print(`exported ${file} to ${target}`);
  io.print(`  images  [${[batchSize, ...sizes].join(', ')}]  float32, pixels from 0 to 255`);
  io.print(`  logits  [${batchSize}, ${classes}]`);
  return EXIT.done;
}
