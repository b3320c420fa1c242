import { type Tensor, tensorflow } from './backend/tensorflow.js';
import type { Batch, DataLoader } from './data/loader.js';
import type { LossFunction } from './loss/index.js';
import type { Sequential } from './model/sequential.js';
import { type ClassDetail, createTask, type ValueDetail } from './task/index.js';

/** What a model says of each sample of a data set, in the order of the loader. */
export interface Predictions {
  /** Class of the greatest output. */
  readonly predicted: Int32Array;
  readonly targets: Int32Array;
  /** The class whose samples do not count; null: there is none. */
  readonly ignoreIndex: number | null;
  /** Loss of each sample, as the loss function gives it for a batch of this sample alone. NaN: it does not count. */
  readonly losses: Float64Array;
  /** The model's outputs, [samples, classes]. */
  readonly outputs: Float32Array;
  readonly classes: number;
}

/**
 * Runs a model that tells classes apart over samples one op at a time, training nothing, and keeps what it says of each. Memory is
 * freed after each batch.
 *
 * @param model whose weights are loaded
 * @param lossFunction gives each sample's loss
 * @param loader the samples, best unshuffled, so that results are in the order of the data set
 * @returns predictions for all samples of one epoch
 */
export function predict(model: Sequential, lossFunction: LossFunction, loader: DataLoader): Predictions {
  const tf = tensorflow();
  const task = createTask(loader.dataset.spec.target);
  const samples = loader.samples;
  const predicted = new Int32Array(samples);
  const targets = new Int32Array(samples);
  const losses = new Float64Array(samples);
  let outputs = new Float32Array(0);
  let classes = 0;
  let first = 0;
  forEachBatch(model, loader, (batch, logits) => {
    if (classes === 0) {
      classes = logits.shape[1]!;
      outputs = new Float32Array(samples * classes);
    }
    outputs.set(logits.dataSync() as Float32Array, first * classes);
    predicted.set(tf.argMax(logits, 1).dataSync() as Int32Array, first);
    targets.set(batch.targets, first);
    const given = task.forLoss(logits, tf.tensor1d(batch.targets, 'int32'), lossFunction.takes);
    const rows = lossFunction.rows(given.outputs, given.targets).dataSync();
    for (const [i, target] of batch.targets.entries()) {
      const { reduction, ignoreIndex } = lossFunction;
      const own = batch.targets.subarray(i, i + 1);
      const divisor = reduction === 'sum' ? 1 : task.divisor(own, lossFunction);
      losses[first + i] = target === ignoreIndex ? Number.NaN : rows[i]! / divisor;
    }
    first += batch.size;
  });
  return { predicted, targets, ignoreIndex: lossFunction.ignoreIndex, losses, outputs, classes };
}

/**
 * @param predictions of a model that tells classes apart
 * @param names of the classes
 * @param lossFunction which makes probabilities of outputs, or none
 * @returns the figures of each class
 */
export function classDetail(
  { outputs, targets }: Predictions,
  names: readonly string[],
  lossFunction: LossFunction,
): ClassDetail {
  const scores = createTask({ kind: 'class', names }).scores(lossFunction);
  scores.add(outputs, targets);
  const detail = scores.detail();
  if (detail.kind !== 'class') throw new Error('classes have figures of classes');
  return detail;
}

/**
 * Runs a model that tells real values over samples one op at a time, training nothing.
 *
 * @param model whose weights are loaded
 * @param lossFunction its loss
 * @param loader the samples
 * @returns the figures of each value
 */
export function valueDetail(model: Sequential, lossFunction: LossFunction, loader: DataLoader): ValueDetail {
  const scores = createTask(loader.dataset.spec.target).scores(lossFunction);
  forEachBatch(model, loader, ({ targets }, outputs) =>
    scores.add(outputs.dataSync() as Float32Array, targets),
  );
  const detail = scores.detail();
  if (detail.kind !== 'value') throw new Error('values have figures of values');
  return detail;
}

/** Has the model say what it thinks of each batch; memory is freed after each. */
export function forEachBatch(
  model: Sequential,
  loader: DataLoader,
  take: (batch: Batch, outputs: Tensor) => void,
): void {
  const tf = tensorflow();
  for (const batch of loader.epoch(0)) {
    tf.tidy(() => {
      const pass = { training: false, batchKey: tf.tensor1d([0, batch.index], 'int32'), update: () => {} };
      take(batch, model.forward(tf.tensor(batch.inputs, [batch.size, ...batch.shape]), pass));
    });
  }
}
