import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Batch } from '../data/loader.js';
import { feed } from '../engine/eager.js';
import { type WrittenLine, writeFormula } from '../formula.js';
import type { LossFormula, LossFunction } from '../loss/index.js';
import type { NamedLayer } from '../model/layer.js';
import type { Sequential } from '../model/sequential.js';
import { dimensions } from '../model/shape.js';
import type { Task } from '../task/index.js';

/** A layer, and what it made of a sample. */
export interface LayerPass {
  readonly name: string;
  readonly type: string;
  /** What it gives for a sample, in PyTorch's order of dimensions. */
  readonly output: readonly number[];
  readonly parameters: number;
  readonly isFrozen: boolean;
  /** The least and the largest of the sample's numbers. */
  readonly min: number;
  readonly max: number;
}

/** One output of a sample. */
export interface OutputPass {
  readonly value: number;
  /** What the loss takes it for; null: outputs are no probabilities to it. */
  readonly probability: number | null;
  /** What would be right: 1 for the right class and 0 for the others, or the real value. */
  readonly target: number;
  /** How the sample's loss changes with it. */
  readonly gradient: number;
  /** What it adds to the sample's loss; null: the loss is of all outputs together. */
  readonly loss: number | null;
}

/** What became of one sample on its way to its loss; of several targets that it has, of the last one. */
export interface SamplePass {
  readonly layers: readonly LayerPass[];
  readonly outputs: readonly OutputPass[];
  /** The sample's loss, before it is divided. */
  readonly loss: number;
  /** How it came about: of a loss by outputs, for the output named by `about`. */
  readonly formula: readonly WrittenLine[];
  /** The output that the formula is about; null: all of them. */
  readonly about: number | null;
}

/**
 * Follows a sample of a training batch through the model's layers and the loss, one op at a time. Nothing changes.
 *
 * @param model with the weights that it has before the step
 * @param batch the whole batch: layers may mix its samples
 * @param index which of its samples
 * @param objective the task and the loss
 * @returns what each layer gave, the outputs, and the loss
 */
export function followSample(
  model: Sequential,
  batch: Batch,
  index: number,
  { task, lossFunction }: { readonly task: Task; readonly lossFunction: LossFunction },
): SamplePass {
  const tf = tensorflow();
  let followed: SamplePass | undefined;
  tf.tidy(() => {
    const { inputs, targets, batchKey } = feed(batch, task);
    const layers: LayerPass[] = [];
    const pass = { training: true, batchKey, update: () => {} };
    const all = model.forward(inputs, pass, (output, i) => {
      layers.push(layerPass(model.layers[i]!, rowOf(output, index)));
    });
    const outputs = rowOf(all, index);
    // A row for each target of the sample.
    const rows = task.forLoss(outputs, rowOf(targets, index), lossFunction.takes);
    const last = rows.outputs.shape[0]! - 1;
    const given = { outputs: rowOf(rows.outputs, last), targets: rowOf(rows.targets, last) };
    const values = given.outputs.dataSync() as Float32Array;
    const right = given.targets.dataSync() as Float32Array | Int32Array;
    const loss = lossFunction.rows(given.outputs, given.targets).dataSync()[0]!;
    const gradient = tf
      .grad((x: Tensor) => tf.sum(lossFunction.rows(x, given.targets)))(given.outputs)
      .dataSync();
    const probabilities = probabilitiesOf(given.outputs, lossFunction);
    const each =
      lossFunction.takes === 'values' ? lossFunction.each(given.outputs, given.targets).dataSync() : null;
    const wanted = (k: number) => (lossFunction.takes === 'classes' ? (right[0] === k ? 1 : 0) : right[k]!);
    const passes = Array.from(values, (value, k) => ({
      ...{ value, probability: probabilities?.[k] ?? null, target: wanted(k), gradient: gradient[k]! },
      loss: each?.[k] ?? null,
    }));
    if (lossFunction.takes === 'classes') {
      const formula = written(lossFunction.formula(values, right[0]!), loss);
      followed = { layers, outputs: passes, loss, formula, about: null };
      return;
    }
    const about = mostTelling(passes);
    const formula = written(lossFunction.formula(values[about]!, right[about]!, about), each![about]!);
    followed = { layers, outputs: passes, loss, formula, about };
  });
  return followed!;
}

/** Of classes the right one; of values the one that costs most. */
function mostTelling(outputs: readonly OutputPass[]): number {
  const right = outputs.filter(({ target }) => target === 1);
  const isOneHot = right.length === 1 && outputs.every(({ target }) => target === 0 || target === 1);
  if (isOneHot) return outputs.indexOf(right[0]!);
  return outputs.reduce((best, { loss }, k) => (loss! > outputs[best]!.loss! ? k : best), 0);
}

function written({ symbols, lines }: LossFormula, loss: number): WrittenLine[] {
  return writeFormula({ symbols, lines: lines.map((line) => ({ ...line, value: line.value ?? loss })) });
}

function probabilitiesOf(outputs: Tensor, { probabilities }: LossFunction): Float32Array | null {
  const tf = tensorflow();
  switch (probabilities) {
    case 'softmax':
      return tf.softmax(outputs).dataSync() as Float32Array;
    case 'sigmoids':
      return tf.sigmoid(outputs).dataSync() as Float32Array;
    case null:
      return null;
  }
}

function layerPass({ name, type, output, parameters }: NamedLayer, values: Tensor): LayerPass {
  const numbers = values.dataSync() as Float32Array;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of numbers) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return {
    ...{ name, type, output: dimensions(output), min, max },
    parameters: parameters.reduce((sum, { parameter }) => sum + parameter.size, 0),
    isFrozen: parameters.length > 0 && parameters.every(({ parameter }) => !parameter.requiresGrad),
  };
}

function rowOf(x: Tensor, index: number): Tensor {
  const rest = x.shape.slice(1);
  return tensorflow().slice(x, [index, ...rest.map(() => 0)], [1, ...rest]);
}
