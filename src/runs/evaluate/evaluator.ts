import { evaluationProgram, type Plan } from '../../config/index.js';
import type { DatasetIdentity } from '../../train/data/dataset.js';
import type { Batch, DataLoader } from '../../train/data/loader.js';
import { type EvaluatedBatch, type Objective, resultOf, scoresOf } from '../../train/engine/batch-sums.js';
import type { LossFunction } from '../../train/loss/index.js';
import { loadWeights } from '../../train/model/weights.js';
import { createTask, type Scores, type Task, type ValueTarget } from '../../train/task/index.js';
import { outputsOf, predictorOf } from '../export/predictor.js';
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
 * @returns a run's in the engine that trained it, an exported one as another program runs it
 * @throws LossnetError when its weights are damaged, or do not fit it
 */
export async function loadEvaluator(
  model: Trained,
  plan: Plan,
  loader: DataLoader,
  {
    lossFunction,
    trained,
  }: { readonly lossFunction: LossFunction; readonly trained: DatasetIdentity | null },
  surroundings: Surroundings,
): Promise<Evaluator> {
  const { config, spec } = plan;
  await startTensorFlow(plan, config.loader.batchSize, config.engine, surroundings);
  if (model.found.kind === 'export') return await exported(model, plan, lossFunction, surroundings);
  loadWeights(plan.model.state, model.weights);
  const records = trained?.records ?? config.loader.batchSize;
  const program = evaluationProgram(plan, loader, { lossFunction, trained: records });
  return {
    task: createTask(spec.target),
    scores: () => program.scores(),
    evaluate: (batch) => program.evaluate(batch),
    dispose() {
      program.dispose();
      plan.model.dispose();
    },
  };
}

async function exported(
  model: Trained,
  plan: Plan,
  lossFunction: LossFunction,
  surroundings: Surroundings,
): Promise<Evaluator> {
  const { target } = plan.spec;
  const task = createTask(target);
  const objective: Objective = { task, lossFunction, keepsOutputs: true };
  const predictor = await predictorOf(model, plan, plan.config.evaluation.batchSize, surroundings);
  return {
    task,
    scores: () => scoresOf(objective),
    async evaluate(batch) {
      const inputs = batch.bytes ?? batch.inputs;
      const outputs = await outputsOf(predictor, inputs, batch.size);
      return resultOf(batch, target.kind === 'value' ? standardized(outputs, target) : outputs, objective);
    },
    dispose: () => predictor.dispose(),
  };
}

/** Exported models tell values in their own units, batches hold (y - mean) / std. */
function standardized(outputs: Float32Array, { mean, std }: ValueTarget): Float32Array {
  if (!mean || !std) return outputs;
  return outputs.map((value, i) => (value - mean[i % mean.length]!) / std[i % std.length]!);
}
