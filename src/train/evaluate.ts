import type { Batch, DataLoader } from './data/loader.js';
import type { EvaluatedBatch } from './engine/batch-sums.js';
import type { NonFinite, Program } from './engine/program.js';
import { addBatch, emptyTally, meanLoss, type Tally } from './metrics.js';
import { type Detail, type Metrics, metricsOf, type Scores } from './task/index.js';

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

/** Puts the figures of batches together. They do not depend on how the samples are cut into batches. */
export class Evaluation {
  readonly #tally: Tally;
  readonly #scores: Scores | null;

  constructor(private readonly program: Pick<Program, 'task' | 'scores'>) {
    this.#tally = emptyTally(program.task);
    this.#scores = program.scores();
  }

  add(batch: Pick<Batch, 'size' | 'targets'>, result: EvaluatedBatch): void {
    addBatch(this.#tally, { ...result, size: batch.size });
    if (result.outputs !== null) this.#scores?.add(result.outputs, batch.targets);
  }

  figures(): Pick<EvaluationResult, 'loss' | 'metrics' | 'divisor'> {
    const metrics = { ...metricsOf(this.program.task, this.#tally.sums), ...this.#scores?.metrics() };
    return { loss: meanLoss(this.#tally), metrics, divisor: this.#tally.divisor };
  }

  /** What is told of each class, or of each value; null where the program gives no outputs. */
  detail(): Detail | null {
    return this.#scores?.detail() ?? null;
  }
}

/**
 * Evaluates a model, training nothing.
 *
 * @param program the model
 * @param loader the samples
 * @returns yields the number of batches done after each; returns the mean loss and the metrics over the samples
 */
export function* evaluate(program: Program, loader: DataLoader): Generator<number, EvaluationResult> {
  const evaluation = new Evaluation(program);
  let nonFinite: NonFinite | null = null;
  for (const batch of program.ahead(loader.epoch(0))) {
    const result = program.evaluate(batch);
    // The sum, not the mean: of a batch in which nothing counts that is 0/0, and adds nothing.
    if (nonFinite === null && !Number.isFinite(result.total)) nonFinite = program.diagnose(batch, false);
    evaluation.add(batch, result);
    yield batch.index + 1;
  }
  return { ...evaluation.figures(), nonFinite };
}
