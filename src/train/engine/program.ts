import type { Batch } from '../data/loader.js';
import type { Reduction } from '../loss/loss.js';
import type { Sums, Task } from '../task/index.js';
import type { Gradients } from './gradients.js';
import type { StepFigures } from './step-figures.js';

/**
 * A model and its loss, ready to run: the seam between the loop and what executes it. Gradients land in the
 * parameters' `.grad`; how they are computed is the engine's business.
 */
export interface Program {
  /** What the model is trained for: which sums its results have, and which metrics are made of them. */
  readonly task: Task;
  /** Whether a batch's loss is a mean or a sum over its images: decides how batches add up. */
  readonly reduction: Reduction;
  /** The gradients as a whole, to be read or replaced between backward and clipping. */
  readonly gradients: Gradients;
  /** What the loss of these batches as one divides by: that of a sum is 1. */
  divisor(batches: readonly Batch[]): number;
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
  evaluate(batch: Batch): BatchResult;
  /** The first parameter or buffer that is not finite, such as `parameter 0.weight`; null while all are. */
  nonFiniteParameter(): string | null;
  /**
   * Finds the first tensor that is not finite on this batch, for a run whose loss is not.
   *
   * @param training whether the loss was one of training, with dropout and the like on
   */
  diagnose(batch: Batch, training: boolean): NonFinite;
  /** Frees what it holds. */
  dispose(): void;
}

/** What a batch gave. */
export type BatchResult = {
  /** The loss of the batch: a mean or a sum over its images, as the program's `reduction` says. */
  readonly loss: number;
  /** The sum of the losses of its images, and what a mean divides it by. */
  readonly total: number;
  readonly divisor: number;
  /** The task's sums. */
  readonly sums: Sums;
};

/** Where on a batch the numbers first cease to be finite. */
export interface NonFinite {
  /** Such as `parameter 0.weight`, or `the output of layer 4 (linear)`. */
  readonly tensor: string;
  readonly kind: 'state' | 'inputs' | 'computation';
}

/** The loss of one batch. Lazy: nothing runs before `backward` or `item`. */
export interface Loss {
  /**
   * Runs forward and backward once and adds the gradients into each parameter's `.grad`, as `loss.backward()`. A loss
   * that is not finite has no gradients: it leaves none behind, and the next step changes nothing.
   */
  backward(): void;
  /** The loss's value. Runs forward alone when `backward` has not run. */
  item(): number;
  /** The figures of the batch by itself. Runs forward alone when `backward` has not run. */
  result(): BatchResult;
}
