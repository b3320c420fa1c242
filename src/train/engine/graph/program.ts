import type { Batch } from '../../data/loader.js';
import type { Reduction } from '../../loss/index.js';
import type { Scores, Task } from '../../task/index.js';
import { Counts, type EvaluatedBatch, scoresOf } from '../batch-sums.js';
import { EagerProgram } from '../eager.js';
import { Gradients } from '../gradients.js';
import type { Loss } from '../loss.js';
import type { CutFrom } from '../odd-sample.js';
import type { NonFinite, Program } from '../program.js';
import { namedFigures, type StepFigures } from '../step-figures.js';
import type { GraphParts } from './batch.js';
import type { BatchSizes } from './compiled-graph.js';
import { CompiledGraphs } from './compiled-graphs.js';
import { inputsOf } from './feeds.js';
import type { Kept } from './kept-graphs.js';
import { GraphLoss } from './loss.js';
import { SessionTensors } from './session-tensors.js';
import { GraphSteps } from './steps.js';

/**
 * Runs a model as a compiled TensorFlow graph. Parameters, gradients and the optimizer's memory live in its session
 * from here on; whatever reads or writes them, checkpoints or a debugger, goes there.
 */
export class GraphProgram implements Program {
  readonly task: Task;
  readonly reduction: Reduction;
  readonly gradients: Gradients;
  readonly #counts: Counts;
  readonly #graphs: CompiledGraphs;
  readonly #steps: GraphSteps;

  /**
   * @param parts the model, with or without values, its task, its loss, its optimizer and how gradients are clipped
   * @param sizes of the batches to come; another one compiles anew
   * @param kept where its graph may be kept already, and is kept afterwards; default: nowhere
   * @throws TraceError when something cannot be compiled
   */
  constructor(
    private readonly parts: GraphParts,
    sizes: BatchSizes,
    kept: Kept | null = null,
  ) {
    const { model, optimizer, task, lossFunction } = parts;
    this.task = task;
    this.reduction = lossFunction.reduction;
    this.#counts = new Counts({ task, lossFunction });
    this.#graphs = new CompiledGraphs(parts, sizes, kept);
    this.#steps = new GraphSteps(parts, this.#graphs, this.#counts);
    this.gradients = new Gradients(model.trainable, parts, () => this.#steps.zeroGrad(), this.#steps);
    const tensors = new SessionTensors(this.#graphs, this.#steps);
    for (const tensor of model.state) tensor.moveTo(tensors);
    optimizer.moveTo(this.#steps);
  }

  divisor(batches: readonly Batch[]): number {
    return this.#counts.divisor(batches);
  }

  loss(batch: Batch, divisor = this.divisor([batch])): Loss {
    return new GraphLoss(this.#steps, batch, divisor);
  }

  ahead<T extends Batch | readonly Batch[]>(batches: Iterable<T>): Iterable<T> {
    const { pixels } = this.parts;
    return this.#steps.ahead.through(batches, (one) => {
      for (const batch of [one].flat()) inputsOf(batch, pixels);
    });
  }

  evaluate(batch: Batch): EvaluatedBatch {
    return this.#steps.evaluate(batch);
  }

  scores(): Scores | null {
    return scoresOf(this.parts);
  }

  nonFiniteParameter(): string | null {
    const { model } = this.parts;
    const finite = this.#steps.run((graph) => graph.finite);
    const first = model.state.find((_, i) => finite[i] === 0);
    if (!first) return null;
    return `${model.parameters.includes(first) ? 'parameter' : 'buffer'} ${first.name}`;
  }

  diagnose(batch: Batch, training: boolean, from?: CutFrom): NonFinite {
    // Op by op, on what the session holds: the graph tells that something is wrong, not where.
    const { model, lossFunction, task } = this.parts;
    return new EagerProgram(model, lossFunction, task).diagnose(batch, training, from);
  }

  remember(): void {
    // A backward that is recorded changes no parameter: it may run along with the step.
    this.#graphs.current.store.run([], this.#graphs.current.remember);
    this.#steps.remembers = true;
  }

  stepFigures(): StepFigures[] {
    this.#steps.flush();
    const { remembers, hasGradients } = this.#steps;
    const squares = remembers && hasGradients ? this.#steps.run((graph) => graph.figures) : [];
    this.#steps.remembers = false;
    return squares.length === 0 ? [] : namedFigures(this.parts.model.trainable, squares);
  }

  /** Frees the session, or keeps it for a program that is built as this one. */
  dispose(): void {
    this.#graphs.dispose();
  }
}
