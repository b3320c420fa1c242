import type { Batch } from '../../data/loader.js';
import type { Reduction } from '../../loss/index.js';
import type { Parameter, TensorHome } from '../../model/parameter.js';
import type { OptimizerHome, OptimizerState } from '../../optim/optimizer.js';
import { Counts } from '../batch-sums.js';
import { EagerProgram } from '../eager.js';
import type { BatchResult, Loss, NonFinite, Program } from '../program.js';
import { namedFigures, type StepFigures } from '../step-figures.js';
import type { Tensor } from '../tensorflow.js';
import type { GraphParts } from './batch.js';
import { type BatchSizes, type CompiledGraph, compile } from './compile.js';
import { batchFeeds, numbersFeed } from './feeds.js';
import type { Output } from './graph-def.js';
import { GraphLoss, type LossRunner } from './loss.js';
import { readOptimizerMemory, writeOptimizerMemory } from './optimizer-memory.js';
import type { Feed } from './session.js';

/** A backward that has been asked for and not run yet, since a step may follow that runs it along. */
interface Pending {
  readonly loss: GraphLoss;
  /** Whether its gradients are the first since zeroGrad. */
  readonly replaces: boolean;
}

/**
 * Runs a model as a compiled TensorFlow graph. Parameters, gradients and the optimizer's memory live in its session
 * from here on; whatever reads or writes them, checkpoints or a debugger, goes there.
 *
 * zeroGrad, backward, clipping and step are operations of their own. When they come in this order with nothing read in
 * between, as in the loop, they run as one.
 */
export class GraphProgram implements Program, TensorHome, OptimizerHome, LossRunner {
  readonly reduction: Reduction;
  readonly #counts: Counts;
  #graph: CompiledGraph;
  #sizes: BatchSizes;
  #pending: Pending | null = null;
  #hasGradients = false;
  /** Whether the gradients are to be clipped by the step that follows. */
  #clips = false;
  #norm: number | null = null;
  /** Whether the parameters have been remembered. */
  #remembers = false;
  /** Optimizer steps made. */
  #steps = 0;

  /**
   * @param parts the model, with or without values, its loss, its optimizer and how gradients are clipped
   * @param sizes of the batches to come; another one compiles anew
   * @throws TraceError when something cannot be compiled
   */
  constructor(
    private readonly parts: GraphParts,
    sizes: BatchSizes,
  ) {
    const { model, optimizer, lossFunction } = parts;
    this.reduction = lossFunction.reduction;
    this.#counts = new Counts(model, lossFunction);
    this.#sizes = sizes;
    this.#graph = compile(parts, sizes);
    for (const tensor of model.state) {
      const data = tensor.hasData ? tensor.data.clone() : null;
      tensor.moveTo(this);
      if (data) tensor.data = data;
    }
    const memory = optimizer.stateDict();
    optimizer.home = this;
    this.loadStateDict(memory);
  }

  divisor(batches: readonly Batch[]): number {
    return this.#counts.divisor(batches);
  }

  loss(batch: Batch, divisor = this.divisor([batch])): Loss {
    return new GraphLoss(this, batch, divisor);
  }

  evaluate(batch: Batch): BatchResult {
    this.flush();
    const outputs = this.#for('evaluate', batch.size);
    return this.#read(batch, outputs.evaluate.get(batch.size)!, this.#feeds('evaluate', batch));
  }

  nonFiniteParameter(): string | null {
    this.flush();
    const { model } = this.parts;
    const finite = this.#run(this.#graph.finite);
    const first = model.state.find((_, i) => finite[i] === 0);
    if (!first) return null;
    return `${model.parameters.includes(first) ? 'parameter' : 'buffer'} ${first.name}`;
  }

  diagnose(batch: Batch, training: boolean): NonFinite {
    this.flush();
    // Op by op, on what the session holds: the graph tells that something is wrong, not where.
    return new EagerProgram(this.parts.model, this.parts.lossFunction).diagnose(batch, training);
  }

  /** Records a backward; called by its loss. */
  record(loss: GraphLoss): void {
    this.flush();
    this.#pending = { loss, replaces: !this.#hasGradients };
    this.#hasGradients = true;
  }

  /** Runs the forward pass of a loss alone. */
  forward(batch: Batch): BatchResult {
    const { forward } = this.#for('train', batch.size).train.get(batch.size)!;
    return this.#read(batch, forward, this.#feeds('train', batch));
  }

  /** Runs what has been recorded. */
  flush(): void {
    const pending = this.#pending;
    if (!pending) return;
    const { loss, replaces } = pending;
    const { backward, backwardAgain } = this.#for('train', loss.batch.size).train.get(loss.batch.size)!;
    this.#pending = null;
    const outputs = loss.hasRun ? backwardAgain : backward;
    this.#guarded(loss, outputs[replaces ? 'replace' : 'add'], [
      ...this.#feeds('train', loss.batch),
      this.#numbers(loss.divisor),
    ]);
    if (this.#clips) this.#clipNow();
  }

  remember(): void {
    // A backward that is recorded changes no parameter: it may run along with the step.
    this.#run(this.#graph.remember);
    this.#remembers = true;
  }

  stepFigures(): StepFigures[] {
    this.flush();
    const squares = this.#remembers && this.#hasGradients ? this.#run(this.#graph.figures) : [];
    this.#remembers = false;
    return squares.length === 0 ? [] : namedFigures(this.parts.model.parameters, squares);
  }

  zeroGrad(): void {
    this.flush();
    this.#hasGradients = false;
  }

  clipGradients(): void {
    const { clipGradNorm, clipGradValue } = this.parts.clip;
    this.#norm = null;
    if (clipGradNorm === null && clipGradValue === null) return;
    this.#clips = true;
    if (!this.#pending) this.#clipNow();
  }

  gradNorm(): number | null {
    this.flush();
    return this.#norm;
  }

  step(): void {
    const pending = this.#pending;
    if (pending && (!pending.replaces || pending.loss.hasRun)) this.flush();
    if (!this.#hasGradients) return;
    this.#steps += 1;
    if (this.#pending) this.#stepAtOnce(this.#pending);
    else this.#run(this.#graph.step, [this.#numbers(1)]);
  }

  #stepAtOnce({ loss }: Pending): void {
    const { step } = this.#for('train', loss.batch.size).train.get(loss.batch.size)!;
    this.#pending = null;
    const norm = this.#guarded(loss, step, [
      ...this.#feeds('train', loss.batch),
      this.#numbers(loss.divisor),
    ]);
    if (norm === null) this.#steps -= 1;
    else if (this.#clips) this.#norm = norm;
    this.#clips = false;
  }

  /**
   * Runs an output that fails, before it changes anything, when the loss is not finite. Then there are no gradients.
   *
   * @returns the norm of the gradients; null when the loss is not finite
   */
  #guarded(loss: GraphLoss, output: Output, feeds: readonly Feed[]): number | null {
    try {
      const [total, correct, norm] = this.#run(output, feeds);
      loss.settle(this.#counts.result(loss.batch, { total: total!, correct: correct! }));
      return norm!;
    } catch (error) {
      const result = loss.hasRun ? loss.result() : this.forward(loss.batch);
      if (Number.isFinite(result.total / loss.divisor)) throw error;
      loss.settle(result);
      this.#hasGradients = false;
      this.#clips = false;
      return null;
    }
  }

  #clipNow(): void {
    this.#clips = false;
    this.#norm = this.#hasGradients ? this.#run(this.#graph.clip)[2]! : 0;
  }

  read(parameter: Parameter): Tensor {
    this.flush();
    const { store } = this.#graph;
    return store.read(store.variables.data.get(parameter)!);
  }

  write(parameter: Parameter, tensor: Tensor): void {
    this.flush();
    const { store } = this.#graph;
    store.write(store.variables.data.get(parameter)!, tensor);
  }

  readGrad(parameter: Parameter): Tensor | null {
    this.flush();
    const { store } = this.#graph;
    const variable = store.variables.grad.get(parameter);
    return this.#hasGradients && variable ? store.read(variable) : null;
  }

  writeGrad(parameter: Parameter, gradient: Tensor | null): void {
    throw new Error(
      `the gradient of ${parameter.name} lives in the graph: ${gradient ? 'it cannot be set' : 'use optimizer.zeroGrad()'}`,
    );
  }

  stateDict(): OptimizerState {
    this.flush();
    return readOptimizerMemory(this.#graph.store, this.#steps);
  }

  loadStateDict(state: OptimizerState): void {
    this.#steps = writeOptimizerMemory(this.#graph.store, this.parts.optimizer, state);
  }

  /** Frees the session. */
  dispose(): void {
    this.#graph.store.dispose();
  }

  /** The graph for batches of this size, compiled anew when it is not for them. */
  #for(kind: keyof BatchSizes, size: number): CompiledGraph {
    if (this.#sizes[kind].includes(size)) return this.#graph;
    const { store } = this.#graph;
    this.#sizes = { ...this.#sizes, [kind]: [...this.#sizes[kind], size] };
    this.#graph = compile(this.parts, this.#sizes);
    // Gradients that a backward is still to compute or to replace are not there to be taken over.
    const grad = this.#hasGradients && !this.#pending?.replaces;
    this.#graph.store.takeOver(store, { grad, before: this.#remembers });
    store.dispose();
    return this.#graph;
  }

  #feeds(kind: keyof BatchSizes, batch: Batch): Feed[] {
    return batchFeeds(kind, batch, this.parts.pixels !== null);
  }

  /** What changes from step to step. */
  #numbers(divisor: number): Feed {
    const step = Math.max(1, this.#steps);
    return numbersFeed(this.#graph.numbers, this.parts.optimizer, { scale: 1 / divisor, step });
  }

  #read(batch: Batch, output: Output, feeds: readonly Feed[]): BatchResult {
    const [total, correct] = this.#run(output, feeds);
    return this.#counts.result(batch, { total: total!, correct: correct! });
  }

  #run(output: Output, feeds: readonly Feed[] = []): Float32Array {
    return this.#graph.store.run(feeds, output);
  }
}
