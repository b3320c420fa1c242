import type { Targets } from '../loss/index.js';
import type { Metrics } from './metrics.js';

/**
 * What is made of all outputs of an evaluation, batch by batch. How the samples are cut into batches changes nothing but the
 * rounding of their outputs.
 */
export interface Scores {
  /**
   * @param outputs what the model says of a batch, [batch, outputs], one sample after the other, or [batch, targets, outputs]
   * @param targets of the batch, as the task has them
   */
  add(outputs: Float32Array, targets: Targets): void;
  /** The task's further metrics by name; NaN for one that is not defined on these samples. */
  metrics(): Metrics;
  /** What is told of each class, or of each value. */
  detail(): Detail;
}

/**
 * What is known of each sample of an evaluation, kept to make the figures of other selections of the same samples: of those that
 * are drawn anew to see how far a figure may be off.
 */
export interface Readings {
  /** Likewise; samples are numbered in this order, from 0. */
  add(outputs: Float32Array, targets: Targets): void;
  /**
   * @param counts as how many samples each counts
   * @returns all of the task's metrics, the primary one first
   */
  metrics(counts: ArrayLike<number>): Metrics;
}

export type Detail = ClassDetail | TokenDetail | ValueDetail;

/** Of an evaluation that tells classes apart. */
export interface ClassDetail {
  readonly kind: 'class';
  readonly classes: readonly ClassFigures[];
  /** How many samples of a class are taken for which: [right class][said class]. */
  readonly confusion: readonly (readonly number[])[];
  /** How often a probability is right, from the least to the greatest; null: the loss makes no probabilities. */
  readonly calibration: readonly CalibrationBin[] | null;
}

/** Of one class. What is not defined is 0, as scikit-learn has it. */
export interface ClassFigures {
  readonly name: string;
  /** Share of what is taken for the class that is of it. */
  readonly precision: number;
  /** Share of the class that is taken for it. */
  readonly recall: number;
  /** 2 * precision * recall / (precision + recall) */
  readonly f1: number;
  /** How many samples are of the class, and how many are taken for it. */
  readonly support: number;
  readonly said: number;
}

/** The samples whose greatest probability lies in (from, to]. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly samples: number;
  /** Means over them: of that probability, and of being right; NaN without samples. */
  readonly confidence: number;
  readonly accuracy: number;
}

/** Of an evaluation that tells the next token. A confusion matrix of a vocabulary would be too large to hold or to read. */
export interface TokenDetail {
  readonly kind: 'token';
  readonly tokens: readonly TokenFigures[];
}

/** Of one token. */
export interface TokenFigures {
  readonly name: string;
  /** How often it comes next, and how often it is said then. */
  readonly support: number;
  readonly right: number;
  /** The mean of -log2 of its probability where it comes next; null: the loss makes no probabilities, or it never does. */
  readonly bits: number | null;
}

/** Of an evaluation that tells values: each value by itself, in its own units. */
export interface ValueDetail {
  readonly kind: 'value';
  readonly values: readonly { readonly name: string; readonly metrics: Metrics }[];
}
