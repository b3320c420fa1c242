import type { Batch } from '../../data/loader.js';
import { type BatchResult, divide } from '../batch-sums.js';
import type { Loss } from '../loss.js';

/** What a recorded loss asks of its program. */
export interface LossRunner {
  /** Records a backward, to be run when something needs it. */
  record(loss: GraphLoss): void;
  /** Runs what has been recorded. */
  flush(): void;
  /** Runs the forward pass of a batch alone. */
  forward(batch: Batch): BatchResult;
}

/** The loss of one batch, run when it is asked for, or along with the step. */
export class GraphLoss implements Loss {
  #result: BatchResult | null = null;

  constructor(
    private readonly runner: LossRunner,
    readonly batch: Batch,
    /** What the sum of the batch's losses is divided by. */
    readonly divisor: number,
  ) {}

  /** Whether its forward pass has run, and moved the running statistics. */
  get hasRun(): boolean {
    return this.#result !== null;
  }

  /** Told by the runner what its forward pass gave. */
  settle(result: BatchResult): void {
    this.#result = result;
  }

  backward(): void {
    this.runner.record(this);
  }

  item(): number {
    return divide(this.result().total, this.divisor);
  }

  result(): BatchResult {
    if (!this.#result) this.runner.flush();
    this.#result ??= this.runner.forward(this.batch);
    return this.#result;
  }
}
