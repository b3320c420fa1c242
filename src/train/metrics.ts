import type { Reduction } from './loss/loss.js';

/**
 * Sums over the batches of an epoch. Plain numbers, so that a run interrupted within an epoch goes on with exactly
 * the same sums.
 */
export interface Tally {
  /** Sum of the batch losses: the tutorial's running loss. */
  runningLoss: number;
  /** Sum over images of their loss: that of their batch where the batch's loss is a mean. */
  weightedLoss: number;
  correct: number;
  images: number;
}

export function emptyTally(): Tally {
  return { runningLoss: 0, weightedLoss: 0, correct: 0, images: 0 };
}

/**
 * Adds one batch.
 *
 * @param tally what it is added to
 * @param batch its loss, its number of hits and its number of images
 * @param reduction whether its loss is a mean or a sum over its images
 */
export function addBatch(
  tally: Tally,
  { loss, correct, size }: { loss: number; correct: number; size: number },
  reduction: Reduction,
): void {
  tally.runningLoss += loss;
  tally.weightedLoss += reduction === 'sum' ? loss : loss * size;
  tally.correct += correct;
  tally.images += size;
}

/** Mean over the images: a short last batch counts for what it is. */
export function means({ weightedLoss, correct, images }: Tally): { loss: number; accuracy: number } {
  return { loss: weightedLoss / images, accuracy: correct / images };
}

/** The loss that all tallied batches would have as one: their mean, or their sum. */
export function lossAsOneBatch({ weightedLoss, images }: Tally, reduction: Reduction): number {
  return reduction === 'sum' ? weightedLoss : weightedLoss / images;
}
