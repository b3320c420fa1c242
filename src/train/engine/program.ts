import type { Batch } from '../data/loader.js';
import type { Reduction } from '../loss/loss.js';
import type { Scores, Task } from '../task/index.js';
import type { EvaluatedBatch } from './batch-sums.js';
import type { Gradients } from './gradients.js';
import type { Loss } from './loss.js';
import type { CutFrom } from './odd-sample.js';
import type { StepFigures } from './step-figures.js';

/**
 * A model and its loss, ready to run: the seam between the loop and what executes it. Gradients land in the
 * parameters' `.grad`; how they are computed is the engine's business.
 */
export interface Program {
  /** What the model is trained for: which sums its results have, and which metrics are made of them. */
  readonly task: Task;
  /** Whether a batch's loss is a mean or a sum over its samples: decides how batches add up. */
  readonly reduction: Reduction;
  /** A step as a whole, to be read or replaced between backward and clipping. */
  readonly gradients: Gradients;
  /** What the loss of these batches as one divides by: that of a sum is 1. */
  divisor(batches: readonly Batch[]): number;
  /**
   * Goes through batches, or the batches of each step, so that the next is made while one is run: where an engine leaves time
   * for it.
   */
  ahead<T extends Batch | readonly Batch[]>(batches: Iterable<T>): Iterable<T>;
  /**
   * The loss of a training batch, recorded and not yet run.
   *
   * @param batch the batch
   * @param divisor what the sum of its losses is divided by; default `divisor([batch])`. With that of several batches their
   * losses add up to the loss of all of them as one
   */
  loss(batch: Batch, divisor?: number): Loss;
  /** Keeps the parameters as they are now, for `stepFigures` after the step. */
  remember(): void;
  /** What the step since `remember` did to each parameter; empty when none was made. */
  stepFigures(): StepFigures[];
  /** Runs a batch without training: dropout and the like are off, nothing changes. */
  evaluate(batch: Batch): EvaluatedBatch;
  /** What the outputs of `evaluate` are added to, empty; null where it gives none, as no metric is made of them. */
  scores(): Scores | null;
  /** The first parameter or buffer that is not finite, such as `parameter 0.weight`; null while all are. */
  nonFiniteParameter(): string | null;
  /**
   * Finds the first tensor that is not finite on this batch, for a run whose loss is not.
   *
   * @param training whether the loss was one of training, with dropout and the like on
   * @param from where the batch was cut from, so that a sample is named by its place in the whole. Default: it is whole
   */
  diagnose(batch: Batch, training: boolean, from?: CutFrom): NonFinite;
  /** Frees what it holds. */
  dispose(): void;
}

/** Where on a batch the numbers first cease to be finite. */
export interface NonFinite {
  /** Such as `parameter 0.weight`, or `the output of layer 4 (linear)`. */
  readonly tensor: string;
  readonly kind: 'state' | 'inputs' | 'computation';
}
