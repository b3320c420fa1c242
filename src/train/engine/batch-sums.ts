import { type Scalar, type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Batch } from '../data/loader.js';
import type { LossFunction } from '../loss/index.js';
import type { Scores, Sums, Task } from '../task/index.js';

/** What a model is trained for: what is to be said, and what it costs to say it wrong. */
export interface Objective {
  readonly task: Task;
  readonly lossFunction: LossFunction;
  /** Whether an evaluation gives the model's outputs also where no metric is made of them. Default: no. */
  readonly keepsOutputs?: boolean | undefined;
}

/** What a batch gave. */
export type BatchResult = {
  /** The loss of the batch: a mean or a sum over its samples, as the program's `reduction` says. */
  readonly loss: number;
  /** The sum of the losses of its samples, and what a mean divides it by. */
  readonly total: number;
  readonly divisor: number;
  /** The task's sums. */
  readonly sums: Sums;
};

/** What a batch of an evaluation gave. */
export type EvaluatedBatch = BatchResult & {
  /** What the model says of it, [batch, outputs]; null where no metric is made of that. */
  readonly outputs: Float32Array | null;
};

/** What an engine computes of a batch. */
export interface BatchSums<Value> {
  /** The sum of the losses. */
  readonly total: Value;
  /** The task's sums that need the model's outputs. */
  readonly measured: Sums<Value>;
}

/** What the outputs of an evaluation are added to; null where they are not wanted, and need not be read. */
export function scoresOf({ task, lossFunction, keepsOutputs = false }: Objective): Scores | null {
  const isWanted = keepsOutputs || task.further(lossFunction.probabilities).length > 0;
  return isWanted ? task.scores(lossFunction) : null;
}

/**
 * Pure, in tensors only, so that it can be executed or compiled.
 *
 * @param outputs what the model says, [batch, ...]
 * @param targets of the batch, as the task has them
 * @param objective the task and the loss
 * @returns the sums over the batch
 */
export function sumsOf(
  outputs: Tensor,
  targets: Tensor,
  { task, lossFunction }: Objective,
): BatchSums<Scalar> {
  const measured = task.measure(outputs, targets, lossFunction);
  const given = task.forLoss(outputs, targets, lossFunction.takes);
  return { measured, total: tensorflow().sum(lossFunction.rows(given.outputs, given.targets)) };
}

/** What follows from a batch's targets alone: its divisor and the sums that need no outputs. */
export class Counts {
  /** Of the task's sums. */
  readonly #names: readonly string[];

  constructor(private readonly objective: Objective) {
    this.#names = Object.keys(objective.task.sums);
  }

  /** What the loss of these batches as one divides by: that of a sum is 1. */
  divisor(batches: readonly Batch[]): number {
    const { task, lossFunction } = this.objective;
    if (lossFunction.reduction === 'sum') return 1;
    return batches.reduce((sum, { targets }) => sum + task.divisor(targets, lossFunction), 0);
  }

  /** All figures of a batch of which the sums are known. */
  result({ targets }: Batch, { total, measured }: BatchSums<number>): BatchResult {
    const { task, lossFunction } = this.objective;
    const divisor = task.divisor(targets, lossFunction);
    const counted = task.count(targets, lossFunction);
    const sums: Record<string, number> = {};
    for (const name of this.#names) sums[name] = counted[name] ?? measured[name]!;
    const loss = lossFunction.reduction === 'sum' ? total : divide(total, divisor);
    return { loss, total, divisor, sums };
  }
}

/**
 * What a batch gave by outputs that were computed elsewhere, as of an exported model.
 *
 * @param batch whose targets are held against them
 * @param outputs what the model says, [batch, outputs]
 * @param objective the task and the loss
 * @returns its figures. TensorFlow must be loaded
 */
export function resultOf(batch: Batch, outputs: Float32Array, objective: Objective): EvaluatedBatch {
  const tf = tensorflow();
  const { dtype, shape } = objective.task.targets;
  const result = tf.tidy((): BatchResult => {
    const said = tf.tensor2d(outputs, [batch.size, outputs.length / batch.size]);
    const right = tf.tensor(batch.targets, [batch.size, ...shape], dtype);
    const { total, measured } = sumsOf(said, right, objective);
    const numbers = Object.entries(measured).map(([name, sum]) => [name, sum.dataSync()[0]!]);
    const sums = { total: total.dataSync()[0]!, measured: Object.fromEntries(numbers) };
    return new Counts(objective).result(batch, sums);
  });
  return { ...result, outputs };
}

/** A quotient rounded as the engines' own numbers are. */
export const divide = (total: number, divisor: number): number => Math.fround(total / Math.fround(divisor));
