import { join } from 'node:path';
import { LossnetError } from '../../base/errors.js';
import { exists } from '../../base/read.js';
import type { Io } from '../../cli/io.js';
import { evaluationLoader, type Plan, planRun } from '../../config/index.js';
import { loadTensorFlow } from '../../train/backend/tensorflow.js';
import type { Dataset } from '../../train/data/dataset.js';
import { recallDataset } from '../../train/data/source.js';
import { createSource } from '../../train/data/sources/index.js';
import { setThreads, stepWork } from '../../train/engine/threads.js';
import { createLoss } from '../../train/loss/index.js';
import { loadWeights } from '../../train/model/weights.js';
import { type Predictions, predict } from '../../train/predict.js';
import { RunFolder } from '../store/folder.js';
import type { RunRecord } from '../store/read.js';
import { identityOf } from '../store/recorded-data.js';

/** A model's predictions, with the images that they are about; or the reason why there are none. */
export type Predicted =
  | { readonly kind: 'none'; readonly reason: string }
  | {
      readonly kind: 'images';
      readonly checkpoint: 'best' | 'last';
      readonly dataset: Dataset;
      readonly predictions: Predictions;
    };

/**
 * Has the saved models of runs say what they think of their evaluation images. Nothing is downloaded; data that are not
 * those of the run are not used.
 *
 * @param runs whose models
 * @param io where to say what takes long; its environment may name the folder of the data
 * @returns for each run its predictions or the reason why there are none
 */
export async function predictAll(runs: readonly RunRecord[], io: Io): Promise<Predicted[]> {
  const results: Predicted[] = [];
  const datasets = new Map<string, Dataset>();
  for (const run of runs) {
    try {
      results.push(await predictOne(run, datasets, io));
    } catch (error) {
      if (!(error instanceof LossnetError)) throw error;
      results.push({ kind: 'none', reason: [error.message, error.remedy ?? ''].join(' ').trim() });
    }
  }
  return results;
}

async function predictOne(run: RunRecord, datasets: Map<string, Dataset>, io: Io): Promise<Predicted> {
  const none = (reason: string): Predicted => ({ kind: 'none', reason });
  const identity = identityOf(run, 'eval');
  if (identity === null) return none('The run was not evaluated, so no evaluation images are recorded.');
  const folder = new RunFolder(run.path);
  const fileOf = (name: string) => join(folder.checkpoints, `${name}.safetensors`);
  const checkpoint = (['best', 'last'] as const).find((name) => exists(fileOf(name)));
  if (checkpoint === undefined) return none('The run has no checkpoint: no epoch came to its end.');

  const plan = planRun(run.resolved, false);
  const roots = io.env.LOSSNET_DATA ? [io.env.LOSSNET_DATA] : [];
  const dataset =
    datasets.get(identity.sha256) ??
    (await recallDataset(createSource(plan.config.dataset), identity, roots));
  datasets.set(identity.sha256, dataset);
  await load(plan, io);
  try {
    loadWeights(plan.model.state, fileOf(checkpoint));
    const loader = evaluationLoader(plan.config, dataset);
    const predictions = predict(plan.model, createLoss(plan.config.loss), loader);
    if (!predictions.outputs.every(Number.isFinite)) {
      return none(`The outputs of checkpoint ${checkpoint} are not finite numbers.`);
    }
    return { kind: 'images', checkpoint, dataset, predictions };
  } finally {
    plan.model.dispose();
  }
}

async function load({ config, model }: Plan, io: Io): Promise<void> {
  setThreads(config.threads, stepWork(model, config.evaluation.batchSize, 'eager'));
  await loadTensorFlow((message) => io.log(message));
}
