import type { Batch } from '../../data/loader.js';
import type { BatchResult, Loss } from '../program.js';

/** What a recorded loss asks of its program. */
export interface LossRunner {
  /** Records a backward, to be run when something needs it. */
  record(loss: GraphLoss, scale: number): void;
  /** Runs what has been recorded. */
  flush(): void;
  /** Runs the forward pass of a batch alone. */
  forward(batch: Batch): BatchResult;
}

/** The loss of one batch, run when it is asked for, or along with the step. */
export class GraphLoss implements Loss {
  result: BatchResult | null = null;

  constructor(
    private readonly runner: LossRunner,
    readonly batch: Batch,
  ) {}

  /** Whether its forward pass has run, and moved the running statistics. */
  get hasRun(): boolean {
    return this.result !== null;
  }

  backward(scale = 1): void {
    this.runner.record(this, scale);
  }

  item(): number {
    return this.#result().loss;
  }

  correct(): number {
    return this.#result().correct;
  }

  #result(): BatchResult {
    if (!this.result) this.runner.flush();
    this.result ??= this.runner.forward(this.batch);
    return this.result;
  }
}
