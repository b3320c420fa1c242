import type { BatchResult } from './engine/program.js';
import type { Reduction } from './loss/loss.js';

/**
 * Sums over the batches of an epoch. Plain numbers, so that a run interrupted within an epoch goes on with exactly
 * the same sums. Means are divided once, at the end: batches may count for more or less than their number of images.
 */
export interface Tally {
  /** Sum of the batch losses: the tutorial's running loss. */
  runningLoss: number;
  /** Sum of the losses of all images, and what their mean divides it by. */
  totalLoss: number;
  divisor: number;
  /** Images that were classified right, and those that count. */
  correct: number;
  counted: number;
  /** All images, whether they count or not. */
  images: number;
}

export function emptyTally(): Tally {
  return { runningLoss: 0, totalLoss: 0, divisor: 0, correct: 0, counted: 0, images: 0 };
}

/**
 * Adds one batch.
 *
 * @param tally what it is added to
 * @param batch its figures and its number of images
 */
export function addBatch(tally: Tally, batch: BatchResult & { readonly size: number }): void {
  // A batch in which nothing counts has no loss: its mean would be 0/0.
  if (batch.divisor > 0 || batch.total !== 0) tally.runningLoss += batch.loss;
  tally.totalLoss += batch.total;
  tally.divisor += batch.divisor;
  tally.correct += batch.correct;
  tally.counted += batch.counted;
  tally.images += batch.size;
}

/** Mean over the images that count; NaN when none does. */
export function means({ totalLoss, divisor, correct, counted }: Tally): { loss: number; accuracy: number } {
  return { loss: totalLoss / divisor, accuracy: correct / counted };
}

/** The loss that all tallied batches would have as one: their mean, or their sum. */
export function lossAsOneBatch({ totalLoss, divisor }: Tally, reduction: Reduction): number {
  return reduction === 'sum' ? totalLoss : totalLoss / divisor;
}
