import type { Batch } from '../data/loader.js';
import type { Reduction } from '../loss/loss.js';
import type { StepFigures } from './step-figures.js';

/**
 * A model and its loss, ready to run: the seam between the loop and what executes it. Gradients land in the
 * parameters' `.grad`; how they are computed is the engine's business.
 */
export interface Program {
  /** Whether a batch's loss is a mean or a sum over its images: decides how batches add up. */
  readonly reduction: Reduction;
  /** The loss of a training batch, recorded and not yet run. */
  loss(batch: Batch): Loss;
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
  diagnose(batch: Batch, training: boolean): string;
  /** Frees what it holds. */
  dispose(): void;
}

/** What a batch gave. */
export type BatchResult = {
  /** The loss of the batch: a mean or a sum over its images, as the program's `reduction` says. */
  readonly loss: number;
  /** How many of its images were classified right. */
  readonly correct: number;
};

/** The loss of one batch. Lazy: nothing runs before `backward` or `item`. */
export interface Loss {
  /**
   * Runs forward and backward once and adds the gradients into each parameter's `.grad`, as `loss.backward()`. A loss
   * that is not finite has no gradients: it leaves none behind, and the next step changes nothing.
   *
   * @param scale factor on the loss, as `(loss * scale).backward()`; default 1
   */
  backward(scale?: number): void;
  /** The loss's value. Runs forward alone when `backward` has not run. */
  item(): number;
  /** How many images of the batch were classified right. Runs forward alone when `backward` has not run. */
  correct(): number;
}
