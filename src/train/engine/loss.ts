import type { Batch } from '../data/loader.js';
import type { BatchResult } from './batch-sums.js';

/** The loss of one batch. Lazy: nothing runs before `backward` or `item`. */
export interface Loss {
  readonly batch: Batch;
  /** What the sum of its losses is divided by. */
  readonly divisor: number;
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
