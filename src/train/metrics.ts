import type { BatchResult } from './engine/batch-sums.js';
import type { Reduction } from './loss/loss.js';
import type { Task } from './task/index.js';

/**
 * Sums over the batches of an epoch. Plain numbers, so that a run interrupted within an epoch goes on with exactly
 * the same sums. Means are divided once, at the end: batches may count for more or less than their number of samples.
 */
export interface Tally {
  /** Sum of the batch losses: the tutorial's running loss. */
  runningLoss: number;
  /** Sum of the losses of all samples, and what their mean divides it by. */
  totalLoss: number;
  divisor: number;
  /** The task's sums, all of them. */
  sums: Record<string, number>;
  /** All samples, whether they count or not. */
  samples: number;
}

export function emptyTally({ sums }: Task): Tally {
  const none = Object.fromEntries(Object.keys(sums).map((name) => [name, 0]));
  return { runningLoss: 0, totalLoss: 0, divisor: 0, sums: none, samples: 0 };
}

/**
 * Adds one batch.
 *
 * @param tally what it is added to
 * @param batch its figures and its number of samples
 */
export function addBatch(tally: Tally, batch: BatchResult & { readonly size: number }): void {
  // A batch in which nothing counts has no loss: its mean would be 0/0.
  if (batch.divisor > 0 || batch.total !== 0) tally.runningLoss += batch.loss;
  tally.totalLoss += batch.total;
  tally.divisor += batch.divisor;
  for (const name in tally.sums) tally.sums[name]! += batch.sums[name]!;
  tally.samples += batch.size;
}

/** Mean over the samples that count; NaN when none does. */
export function meanLoss({ totalLoss, divisor }: Tally): number {
  return totalLoss / divisor;
}

/** The loss that all tallied batches would have as one: their mean, or their sum. */
export function lossAsOneBatch(
  { totalLoss, divisor }: Pick<Tally, 'totalLoss' | 'divisor'>,
  reduction: Reduction,
): number {
  return reduction === 'sum' ? totalLoss : totalLoss / divisor;
}
