import type { Scalar, Tensor } from '../backend/tensorflow.js';
import type { Encoding, LossFunction, Probabilities, Targets } from '../loss/index.js';
import type { MetricKind, Metrics } from './metrics.js';
import type { Readings, Scores } from './scores.js';

/** What is to be said of each sample of a data set. */
export type Target = ClassTarget | ValueTarget;

/** Which of these classes it is. */
export interface ClassTarget {
  readonly kind: 'class';
  readonly names: readonly string[];
  /** token: they are a vocabulary, and the next one is to be told. Absent: they are what samples are. */
  readonly of?: 'token';
  /** Of tokens: how many are to be told of a sample, one after each that it has. Absent: one, after the last. */
  readonly length?: number;
}

/** Which real values belong to it, one or several. */
export interface ValueTarget {
  readonly kind: 'value';
  readonly names: readonly string[];
  /** Their means over the training part, in their own units: what sums are centred on. Absent: 0. */
  readonly mean?: readonly number[];
  /** Standard deviations, where batches hold (y - mean) / std; null or absent: batches hold y. */
  readonly std?: readonly number[] | null;
}

/** Sums over samples by name, of which metrics are made: those of several batches add up. */
export type Sums<Value = number> = Readonly<Record<string, Value>>;

/** How well a model says the targets, as one number. */
export interface Measure extends MetricKind {
  /** What a model reaches that only guesses; null: that cannot be said. */
  readonly chance: number | null;
}

/** One that is made of sums. */
export interface Metric extends Measure {
  /** @returns the metric; NaN where nothing counts */
  of(sums: Sums): number;
}

/**
 * What targets are, and what is measured of how well a model says them. An engine knows no more of targets than this:
 * another task is another one of these. What takes tensors is pure, so that it can be executed or compiled.
 */
export interface Task {
  /** The targets of one sample, as batches hold them: of shape [] where they are a single number. */
  readonly targets: { readonly dtype: 'int32' | 'float32'; readonly shape: readonly number[] };
  /** How many numbers the model gives for a sample, or for each target of one that has several. */
  readonly outputs: number;
  /** What is summed up, by name and in this order, and whether it is a number of something. */
  readonly sums: Readonly<Record<string, 'count' | 'real'>>;
  /** Those of the sums that need the model's outputs, in this order: see `measure`. The others come from `count`. */
  readonly measured: readonly string[];
  /** What is made of the sums, in training and evaluation; the first is the primary one. */
  readonly metrics: readonly Metric[];
  /**
   * What an evaluation has besides, as it is not made of sums but of all outputs: see `scores`.
   *
   * @param probabilities how the loss makes probabilities of outputs; null: it makes none
   * @returns these metrics, in the order in which they are told
   */
  further(probabilities: Probabilities | null): readonly Measure[];
  /**
   * @param loss the loss; what it ignores counts for nothing
   * @returns what the outputs of an evaluation are added to; it starts empty
   */
  scores(loss: LossFunction): Scores;
  /** The same samples, kept one by one: see there. */
  readings(loss: LossFunction): Readings;
  /**
   * What a loss is given.
   *
   * @param outputs what the model says, [batch, ...]
   * @param targets of a batch, [batch, ...targets.shape]
   * @param takes how the loss wants its targets
   * @returns outputs and targets: [rows, outputs] and, of classes, [rows] int32, of values [rows, outputs] float32
   */
  forLoss(outputs: Tensor, targets: Tensor, takes: Encoding): { outputs: Tensor; targets: Tensor };
  /**
   * @param targets of some samples
   * @param loss the loss
   * @returns what the mean of their losses is divided by; 0: nothing counts
   */
  divisor(targets: Targets, loss: LossFunction): number;
  /**
   * @param outputs what the model says, [batch, ...]
   * @param targets of a batch, [batch, ...targets.shape]
   * @param loss the loss; what it ignores counts for no metric either
   * @returns the sums that are `measured`
   */
  measure(outputs: Tensor, targets: Tensor, loss: LossFunction): Sums<Scalar>;
  /**
   * @param targets of a batch
   * @param loss the loss; what it ignores counts for no metric either
   * @returns the sums that follow from targets alone
   */
  count(targets: Targets, loss: LossFunction): Sums;
}

/**
 * @param task the task
 * @param sums all of its sums
 * @returns its metrics by name, the primary one first
 */
export function metricsOf({ metrics }: Task, sums: Sums): Metrics {
  return Object.fromEntries(metrics.map((metric) => [metric.name, metric.of(sums)]));
}
