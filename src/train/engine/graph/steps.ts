import { freeNow } from '../../../base/memory.js';
import type { Batch } from '../../data/loader.js';
import type { OptimizerHome, OptimizerState } from '../../optim/home.js';
import { type BatchResult, type Counts, type EvaluatedBatch, scoresOf } from '../batch-sums.js';
import type { GradientVectors } from '../gradients.js';
import type { Loss } from '../loss.js';
import { Ahead } from './ahead.js';
import type { GraphParts } from './batch.js';
import { type BatchSizes, type CompiledGraph, NOT_FINITE } from './compiled-graph.js';
import type { CompiledGraphs } from './compiled-graphs.js';
import { batchFeeds, StepNumbers } from './feeds.js';
import type { Output } from './graph-def.js';
import type { GraphLoss, LossRunner } from './loss.js';
import { readOptimizerMemory, writeOptimizerMemory } from './optimizer-memory.js';
import { readResult, resultLength } from './result.js';
import type { Feed } from './session.js';
import { STEP_VECTOR } from './step-vector.js';

/** How things stand with the gradients. */
type Gradients =
  /** There are none since zeroGrad. */
  | { readonly kind: 'none' }
  /** A backward has been asked for and not run yet, since a step may follow that runs it along. */
  | {
      readonly kind: 'recorded';
      readonly loss: GraphLoss;
      /** Whether its gradients are the first since zeroGrad; else they are added. */
      readonly replaces: boolean;
      /** Whether they are to be clipped as soon as they are there. */
      readonly clips: boolean;
    }
  | { readonly kind: 'there' }
  /** A vector has been given that holds them, and is not in the session yet, since a step may follow that takes it. */
  | { readonly kind: 'written'; readonly vector: Float32Array; readonly clips: boolean };

const NONE: Gradients = { kind: 'none' };
const THERE: Gradients = { kind: 'there' };

/**
 * Carries zeroGrad, backward, clipping and step out in a compiled graph, where the optimizer's memory lives too. They are
 * operations of their own; when they come in this order with nothing read in between, as in the loop, they run as one.
 */
export class GraphSteps implements OptimizerHome, LossRunner, GradientVectors {
  #gradients: Gradients = NONE;
  #norm: number | null = null;
  readonly #stepNumbers: StepNumbers;
  /** What the last run gave. */
  readonly #given: Float32Array;
  /** Optimizer steps made. */
  #made = 0;
  /** Whether the parameters as they were when last remembered still count. */
  remembers = false;
  /** What to do while a batch is run. */
  readonly ahead = new Ahead();

  constructor(
    private readonly parts: GraphParts,
    private readonly graphs: CompiledGraphs,
    private readonly counts: Counts,
  ) {
    this.#stepNumbers = new StepNumbers(parts.optimizer);
    this.#given = new Float32Array(resultLength(parts.task));
  }

  get hasGradients(): boolean {
    return this.#gradients.kind !== 'none';
  }

  record(loss: GraphLoss): void {
    this.flush();
    this.#gradients = { kind: 'recorded', loss, replaces: !this.hasGradients, clips: false };
  }

  forward(batch: Batch): BatchResult {
    const { forward } = this.#for('train', batch.size).train.get(batch.size)!;
    return this.counts.result(batch, this.#sums(forward, this.#feeds('train', batch)));
  }

  /** Runs a batch without training. */
  evaluate(batch: Batch): EvaluatedBatch {
    this.flush();
    const output = this.#for('evaluate', batch.size).evaluate.get(batch.size)!;
    const feeds = this.#feeds('evaluate', batch);
    const isScored = scoresOf(this.parts) !== null;
    const sums = isScored ? readResult(this.#run(output, feeds), this.parts.task) : this.#sums(output, feeds);
    return { ...this.counts.result(batch, sums), outputs: sums.said };
  }

  readGradients(losses: readonly Loss[], flat: Float32Array): boolean {
    const gradients = this.#gradients;
    if (gradients.kind !== 'recorded') return false;
    const { loss, replaces } = gradients;
    if (!replaces || loss.hasRun || losses.length !== 1 || losses[0] !== loss) return false;
    const { vector } = this.#for('train', loss.batch.size).train.get(loss.batch.size)!;
    if (vector === null) return false;
    this.#gradients = NONE;
    const values = this.#run(vector, [...this.#feeds('train', loss.batch), this.#numbers(loss.divisor)]);
    const length = this.parts.model.trainable.reduce((sum, { size }) => sum + size, 0);
    loss.settle(this.counts.result(loss.batch, readResult(values.subarray(length), this.parts.task)));
    // Of a loss that is not finite there are none, whatever has been computed.
    if (Number.isFinite(loss.item())) this.#gradients = THERE;
    flat.set(values.subarray(0, length));
    freeNow(values);
    return true;
  }

  writeGradients(vector: Float32Array): boolean {
    if (this.graphs.current.written === null) return false;
    this.flush();
    if (!this.hasGradients) return false;
    this.#gradients = { kind: 'written', vector, clips: false };
    return true;
  }

  flush(): void {
    if (this.#gradients.kind === 'written') {
      const { vector, clips } = this.#gradients;
      this.#gradients = THERE;
      this.#run(this.graphs.current.written!.gradients, [this.#vectorFeed(vector)]);
      if (clips) this.#clip();
    }
    if (this.#gradients.kind !== 'recorded') return;
    const { loss, replaces, clips } = this.#gradients;
    const { backward, backwardAgain } = this.#for('train', loss.batch.size).train.get(loss.batch.size)!;
    const output = (loss.hasRun ? backwardAgain : backward)[replaces ? 'replace' : 'add'];
    if (this.#runBackward(loss, output) !== null && clips) this.#clip();
  }

  /** Runs something else that the graph can compute, after what has been recorded. */
  run(outputOf: (graph: CompiledGraph) => Output, feeds: readonly Feed[] = []): Float32Array {
    this.flush();
    return this.#run(outputOf(this.graphs.current), feeds);
  }

  zeroGrad(): void {
    // A backward has more to do than leave gradients.
    if (this.#gradients.kind === 'recorded') this.flush();
    this.#gradients = NONE;
  }

  clipGradients(): void {
    const { clipGradNorm, clipGradValue } = this.parts.clip;
    this.#norm = null;
    if (clipGradNorm === null && clipGradValue === null) return;
    const { kind } = this.#gradients;
    if (kind === 'recorded' || kind === 'written') this.#gradients = { ...this.#gradients, clips: true };
    else if (this.#gradients.kind === 'there') this.#clip();
    else this.#norm = 0;
  }

  gradNorm(): number | null {
    this.flush();
    return this.#norm;
  }

  step(): void {
    const gradients = this.#gradients;
    if (gradients.kind === 'recorded' && gradients.replaces && !gradients.loss.hasRun) {
      this.#stepAlong(gradients);
      return;
    }
    if (gradients.kind === 'written') {
      this.#stepWritten(gradients);
      return;
    }
    this.flush();
    if (!this.hasGradients) return;
    this.#made += 1;
    this.#run(this.graphs.current.step, [this.#numbers(1)]);
  }

  /** Backward, clipping and step in one. */
  #stepAlong({ loss, clips }: { readonly loss: GraphLoss; readonly clips: boolean }): void {
    const { step } = this.#for('train', loss.batch.size).train.get(loss.batch.size)!;
    // Counted before: the formula's numbers are those of the step that is made.
    this.#made += 1;
    const norm = this.#runBackward(loss, step);
    if (norm === null) this.#made -= 1;
    else if (clips) this.#norm = norm;
  }

  /** Gradients that were written, clipping and step in one. */
  #stepWritten({ vector, clips }: { readonly vector: Float32Array; readonly clips: boolean }): void {
    this.#made += 1;
    this.#gradients = THERE;
    const feeds = [this.#vectorFeed(vector), this.#numbers(1)];
    const { norm } = this.#sums(this.graphs.current.written!.step, feeds);
    if (clips) this.#norm = norm;
  }

  #vectorFeed(vector: Float32Array): Feed {
    return { name: STEP_VECTOR, values: vector };
  }

  stateDict(): OptimizerState {
    this.flush();
    return readOptimizerMemory(this.graphs.current.store, this.#made);
  }

  loadStateDict(state: OptimizerState): void {
    this.#made = writeOptimizerMemory(this.graphs.current.store, this.parts.optimizer, state);
  }

  /** The memory goes with the session. */
  dispose(): void {}

  #clip(): void {
    this.#norm = this.#sums(this.graphs.current.clip).norm;
  }

  /**
   * Runs an output that fails, before it changes anything, when the loss is not finite. Then there are no gradients.
   *
   * @returns the norm of the gradients; null when the loss is not finite
   */
  #runBackward(loss: GraphLoss, output: Output): number | null {
    const feeds = this.#feeds('train', loss.batch);
    feeds.push(this.#numbers(loss.divisor));
    try {
      const sums = this.#sums(output, feeds);
      loss.settle(this.counts.result(loss.batch, sums));
      this.#gradients = THERE;
      return sums.norm;
    } catch (error) {
      this.#gradients = NONE;
      if (!(error instanceof Error && error.message.includes(NOT_FINITE))) throw error;
      const result = loss.hasRun ? loss.result() : this.forward(loss.batch);
      // Whether max pooling passes a NaN on depends on the kernel that TensorFlow takes: what stopped the step counts.
      const isHidden = Number.isFinite(result.total / loss.divisor);
      loss.settle(isHidden ? { ...result, total: Number.NaN, loss: Number.NaN } : result);
      return null;
    }
  }

  /** The graph for batches of this size. Gradients that a backward is still to replace are not there to be taken over. */
  #for(kind: keyof BatchSizes, size: number): CompiledGraph {
    const gradients = this.#gradients;
    const grad = gradients.kind === 'there' || (gradients.kind === 'recorded' && !gradients.replaces);
    return this.graphs.for(kind, size, { grad, before: this.remembers });
  }

  #feeds(kind: keyof BatchSizes, batch: Batch): Feed[] {
    return batchFeeds(kind, batch, this.parts.pixels);
  }

  /** What changes from step to step. */
  #numbers(divisor: number): Feed {
    const step = Math.max(1, this.#made);
    return this.#stepNumbers.feed(1 / divisor, step);
  }

  /** Runs an output that gives no more than sums, and reads them. */
  #sums(output: Output, feeds: readonly Feed[] = []): ReturnType<typeof readResult> {
    this.graphs.current.store.runInto(feeds, output, this.#given, this.#meanwhile(feeds));
    return readResult(this.#given, this.parts.task);
  }

  #run(output: Output, feeds: readonly Feed[] = []): Float32Array {
    return this.graphs.current.store.run(feeds, output, this.#meanwhile(feeds));
  }

  #meanwhile(feeds: readonly Feed[]): (() => void) | undefined {
    return feeds.length > 0 ? this.ahead.take : undefined;
  }
}
