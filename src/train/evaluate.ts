import type { DataLoader } from './data/loader.js';
import type { Program } from './engine/program.js';
import { addBatch, emptyTally, means } from './metrics.js';

/** What a model is worth on a data set. */
export interface EvaluationResult {
  /** Mean loss over the images. */
  readonly loss: number;
  /** Share of the images that are classified right. */
  readonly accuracy: number;
  /** The first tensor that is not finite; null while the loss is. */
  readonly nonFinite: string | null;
}

/**
 * Evaluates a model, training nothing.
 *
 * @param program the model
 * @param loader the images
 * @returns yields the number of batches done after each; returns the mean loss and accuracy over the images
 */
export function* evaluate(program: Program, loader: DataLoader): Generator<number, EvaluationResult> {
  const tally = emptyTally();
  let nonFinite: string | null = null;
  for (const batch of loader.epoch(0)) {
    const result = program.evaluate(batch);
    if (nonFinite === null && !Number.isFinite(result.loss)) nonFinite = program.diagnose(batch, false);
    addBatch(tally, { ...result, size: batch.size }, program.reduction);
    yield batch.index + 1;
  }
  return { ...means(tally), nonFinite };
}
