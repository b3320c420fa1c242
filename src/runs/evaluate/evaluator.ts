import { evaluationProgram, type Plan } from '../../config/index.js';
import type { DatasetIdentity } from '../../train/data/dataset.js';
import type { Batch, DataLoader } from '../../train/data/loader.js';
import type { EvaluatedBatch } from '../../train/engine/batch-sums.js';
import type { LossFunction } from '../../train/loss/index.js';
import { loadWeights } from '../../train/model/weights.js';
import type { Scores, Task } from '../../train/task/index.js';
import type { Surroundings } from '../surroundings.js';
import { startTensorFlow } from '../train/prepare.js';
import type { Trained } from '../trained/open.js';

/** A trained model, ready to be evaluated. */
export interface Evaluator {
  readonly task: Task;
  scores(): Scores | null;
  /** @returns the figures of a batch, and its outputs */
  evaluate(batch: Batch): EvaluatedBatch | Promise<EvaluatedBatch>;
  dispose(): void;
}

/**
 * @param trained the model
 * @param plan of its configuration
 * @param loader the samples to come
 * @param about its loss; trained: what it was trained on, null where that is not known
 * @param surroundings told when TensorFlow has to be provided first
 * @returns the model of a run in the engine that trained it
 * @throws LossnetError when its weights are damaged, or do not fit it
 */
export async function loadEvaluator(
  { weights }: Trained,
  plan: Plan,
  loader: DataLoader,
  {
    lossFunction,
    trained,
  }: { readonly lossFunction: LossFunction; readonly trained: DatasetIdentity | null },
  surroundings: Surroundings,
): Promise<Evaluator> {
  const { config, model } = plan;
  await startTensorFlow(plan, config.loader.batchSize, config.engine, surroundings);
  loadWeights(model.state, weights);
  const records = trained?.records ?? config.loader.batchSize;
  const program = evaluationProgram(plan, loader, { lossFunction, trained: records });
  return {
    task: program.task,
    scores: () => program.scores(),
    evaluate: (batch) => program.evaluate(batch),
    dispose() {
      program.dispose();
      model.dispose();
    },
  };
}
