import type { DataLoader } from './data/loader.js';
import type { NonFinite, Program } from './engine/program.js';
import { addBatch, emptyTally, meanLoss } from './metrics.js';
import { type Metrics, metricsOf } from './task/index.js';

/** What a model is worth on a data set. */
export interface EvaluationResult {
  /** Mean loss over the samples that count; NaN when none does. */
  readonly loss: number;
  /** The task's metrics over the samples that count: those of training too, then the further ones. */
  readonly metrics: Metrics;
  /** What a mean of their losses is over; 0: nothing counts. */
  readonly divisor: number;
  /** The first tensor that is not finite; null while the loss is, or where nothing counts. */
  readonly nonFinite: NonFinite | null;
}

/**
 * Evaluates a model, training nothing. The figures do not depend on how the samples are cut into batches.
 *
 * @param program the model
 * @param loader the samples
 * @returns yields the number of batches done after each; returns the mean loss and the metrics over the samples
 */
export function* evaluate(program: Program, loader: DataLoader): Generator<number, EvaluationResult> {
  const tally = emptyTally(program.task);
  const scores = program.scores();
  let nonFinite: NonFinite | null = null;
  for (const batch of loader.epoch(0)) {
    const result = program.evaluate(batch);
    // The sum, not the mean: of a batch in which nothing counts that is 0/0, and adds nothing.
    if (nonFinite === null && !Number.isFinite(result.total)) nonFinite = program.diagnose(batch, false);
    addBatch(tally, { ...result, size: batch.size });
    if (result.outputs !== null) scores?.add(result.outputs, batch.targets);
    yield batch.index + 1;
  }
  const metrics = { ...metricsOf(program.task, tally.sums), ...scores?.metrics() };
  return { loss: meanLoss(tally), metrics, divisor: tally.divisor, nonFinite };
}
