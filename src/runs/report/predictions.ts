import { join } from 'node:path';
import { LossnetError } from '../../base/errors.js';
import { exists } from '../../base/read.js';
import { evaluationLoader, lossOptions, planRun } from '../../config/index.js';
import type { Dataset } from '../../train/data/dataset.js';
import { recallDataset } from '../../train/data/source.js';
import { createLoss } from '../../train/loss/index.js';
import { loadWeights } from '../../train/model/weights.js';
import { classDetail, type Predictions, predict, valueDetail } from '../../train/predict.js';
import { predictTokens, type TokenPredictions } from '../../train/predict-tokens.js';
import type { ClassDetail, ValueDetail } from '../../train/task/index.js';
import { RunFolder } from '../store/folder.js';
import { identityOf, type RunRecord } from '../store/read.js';
import type { Surroundings } from '../surroundings.js';
import { startTensorFlow } from '../train/prepare.js';

/** So many mistakes in a text are shown. */
const MOST_MISTAKES = 18;
const NOT_FINITE = (checkpoint: string) => `The outputs of checkpoint ${checkpoint} are not finite numbers.`;

/** A model's predictions, with the samples that they are about, or of real values their figures; or the reason why there are none. */
export type Predicted =
  | { readonly kind: 'none'; readonly reason: string }
  | {
      readonly kind: 'classes';
      readonly checkpoint: 'best' | 'last';
      readonly dataset: Dataset;
      /** Names of its classes. */
      readonly classes: readonly string[];
      readonly predictions: Predictions;
      /** The figures of each class. */
      readonly detail: ClassDetail;
    }
  | {
      readonly kind: 'tokens';
      readonly checkpoint: 'best' | 'last';
      readonly dataset: Dataset;
      /** The worst mistakes, and the figures of each token. */
      readonly predictions: TokenPredictions;
    }
  | {
      readonly kind: 'values';
      readonly checkpoint: 'best' | 'last';
      /** The figures of each real value. */
      readonly detail: ValueDetail;
    };

/** A run as the report shows it. */
export interface ReportRun {
  readonly record: RunRecord;
  /** What it is called: unique in the report. */
  readonly label: string;
  /** Its place, which decides its colour and marker. */
  readonly line: number;
  /** What its model says of the evaluation samples, or why that is not known. */
  readonly predicted: Predicted;
}

/**
 * Has the saved models of runs say what they think of their evaluation samples. Nothing is downloaded; data that are not
 * those of the run are not used.
 *
 * @param runs whose models
 * @param surroundings told what takes long; its environment may name the folder of the data
 * @returns for each run its predictions or the reason why there are none
 */
export async function predictAll(
  runs: readonly RunRecord[],
  surroundings: Surroundings,
): Promise<Predicted[]> {
  const results: Predicted[] = [];
  const datasets = new Map<string, Dataset>();
  for (const run of runs) {
    try {
      results.push(await predictOne(run, datasets, surroundings));
    } catch (error) {
      if (!(error instanceof LossnetError)) throw error;
      results.push({ kind: 'none', reason: [error.message, error.remedy ?? ''].join(' ').trim() });
    }
  }
  return results;
}

async function predictOne(
  run: RunRecord,
  datasets: Map<string, Dataset>,
  surroundings: Surroundings,
): Promise<Predicted> {
  const none = (reason: string): Predicted => ({ kind: 'none', reason });
  const identity = identityOf(run, 'eval');
  if (identity === null) return none('The run was not evaluated, so no evaluation samples are recorded.');
  const target = run.spec?.target;
  if (target === undefined) return none('The file of its data is not there any more.');
  const folder = new RunFolder(run.path);
  const fileOf = (name: string) => join(folder.checkpoints, `${name}.safetensors`);
  const checkpoint = (['best', 'last'] as const).find((name) => exists(fileOf(name)));
  if (checkpoint === undefined) return none('The run has no checkpoint: no epoch came to its end.');

  const plan = planRun(run.resolved, false);
  const root = surroundings.env?.LOSSNET_DATA;
  const roots = root ? [root] : [];
  const dataset = datasets.get(identity.sha256) ?? (await recallDataset(plan.source, identity, roots));
  datasets.set(identity.sha256, dataset);
  if (dataset.spec.target.kind !== target.kind) return none('Its data tell something else by now.');
  await startTensorFlow(plan, plan.config.evaluation.batchSize, 'eager', surroundings);
  try {
    loadWeights(plan.model.state, fileOf(checkpoint));
    const loader = evaluationLoader(plan.config, dataset);
    const lossFunction = createLoss(lossOptions(plan.config.loss, run.start?.class_weights ?? null));
    if (target.kind === 'value') {
      return { kind: 'values', checkpoint, detail: valueDetail(plan.model, lossFunction, loader) };
    }
    if (target.of === 'token') {
      const predictions = predictTokens(plan.model, lossFunction, loader, MOST_MISTAKES);
      if (!predictions.isFinite) return none(NOT_FINITE(checkpoint));
      return { kind: 'tokens', checkpoint, dataset, predictions };
    }
    const predictions = predict(plan.model, lossFunction, loader);
    if (!predictions.outputs.every(Number.isFinite)) {
      return none(NOT_FINITE(checkpoint));
    }
    const { names: classes } = target;
    const detail = classDetail(predictions, classes, lossFunction);
    return { kind: 'classes', checkpoint, dataset, classes, predictions, detail };
  } finally {
    plan.model.dispose();
  }
}
