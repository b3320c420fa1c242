/**
 * Sums over the batches of an epoch. Plain numbers, so that a run interrupted within an epoch goes on with exactly
 * the same sums.
 */
export interface Tally {
  /** Sum of the batch losses: the tutorial's running loss. */
  runningLoss: number;
  /** Sum over images of their batch's mean loss. */
  weightedLoss: number;
  correct: number;
  images: number;
}

export function emptyTally(): Tally {
  return { runningLoss: 0, weightedLoss: 0, correct: 0, images: 0 };
}

/** Adds one batch of `size` images with its mean loss and number of hits. */
export function addBatch(
  tally: Tally,
  { loss, correct, size }: { loss: number; correct: number; size: number },
): void {
  tally.runningLoss += loss;
  tally.weightedLoss += loss * size;
  tally.correct += correct;
  tally.images += size;
}

/** Mean over the images: a short last batch counts for what it is. */
export function means({ weightedLoss, correct, images }: Tally): { loss: number; accuracy: number } {
  return { loss: weightedLoss / images, accuracy: correct / images };
}
