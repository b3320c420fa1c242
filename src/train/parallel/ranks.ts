import type { Batch, DataLoader } from '../data/loader.js';
import type { StepLayout, WrittenStep } from '../engine/gradients.js';
import type { Loss } from '../engine/loss.js';
import type { NonFinite, Program } from '../engine/program.js';
import type { EvaluationResult } from '../evaluate.js';
import type { Parameter } from '../model/parameter.js';
import type { Sequential } from '../model/sequential.js';
import type { Optimizer } from '../optim/optimizer.js';
import { evaluateTogether } from './evaluation.js';
import type { Group } from './group.js';
import { boundsOf, cutPart, ownParts, type Share } from './parts.js';
import type { Waiting } from './waiting.js';

/** What several processes train together. */
export interface SharedParts {
  readonly program: Program;
  readonly optimizer: Optimizer;
  readonly model: Sequential;
}

/**
 * The steps and evaluations of a run that several processes make together. Each batch is cut into parts; a rank computes its
 * own, and the sums of all parts are what a step is made of: gradients, losses, metrics, and whether it is to be made at all.
 *
 * The buffers of a model, as the running statistics of batch norm, become on every rank those of the first part, as those
 * of rank 0 do in torch.nn.parallel.DistributedDataParallel.
 */
export class Ranks {
  /** Whether training is to end: all ranks are told the same. */
  isStopped = false;
  /** Seconds between the last two steps, by the clock of rank 0. */
  seconds = 0;
  /** Seconds in which this rank has added up with the others, or waited for them, in steps. */
  waitedSeconds = 0;
  #began = performance.now();
  readonly #buffers: readonly Parameter[];
  /** The own parts of the step under way. */
  #vectors: Float32Array | null = null;
  /** The values of the buffers before the step under way. */
  #before: readonly Float32Array[] | null = null;

  /**
   * @param group the processes
   * @param share this one's, and into how many parts a batch is cut
   * @param inOrder whether the parts are added up in their order, whatever the number of ranks; else in the fastest
   * @param parts what is trained
   * @param signal when aborted, training ends on all ranks after the step under way
   */
  constructor(
    readonly group: Group,
    private readonly share: Share,
    private readonly inOrder: boolean,
    private readonly parts: SharedParts,
    private readonly signal: AbortSignal,
  ) {
    const { model } = parts;
    this.#buffers = model.state.filter((tensor) => !model.parameters.includes(tensor));
  }

  /**
   * Forward and backward of the own parts, then the sums of all: the gradients of the whole step are there afterwards.
   *
   * @param batches of the step, whole
   * @returns what the sums say of it
   * @throws RankError when another rank does not take part
   */
  *step(batches: readonly Batch[]): Waiting<never, WrittenStep> {
    const { program } = this.parts;
    const { layout } = program.gradients;
    this.#before ??= this.#buffers.map((buffer) => Float32Array.from(buffer.values()));
    const own = ownParts(this.share);
    const sizes = this.#buffers.map(({ size }) => size);
    // Behind what a step consists of: the buffers, and rank 0's seconds.
    const length = layout.length + sizes.reduce((sum, size) => sum + size, 1);
    // The same memory at each step: that of large models takes longer to get than to fill.
    this.#vectors ??= new Float32Array(own.length * length);
    const vectors = this.#vectors;
    for (const [i, part] of own.entries()) {
      const vector = vectors.subarray(i * length, (i + 1) * length);
      this.#compute(part, batches, vector, layout);
    }
    if (this.signal.aborted) vectors[layout.stop] = 1;
    if (this.share.rank === 0) vectors[length - 1] = this.#lap();
    let sum: Float32Array = vectors;
    const began = performance.now();
    if (this.inOrder || own.length > 1) {
      const adding = this.group.addParts(vectors, length).then((added) => {
        sum = added;
      });
      yield adding;
    } else yield this.group.allReduce(vectors);
    this.waitedSeconds += (performance.now() - began) / 1000;
    this.#before = this.#setBuffers(sum, layout.length);
    this.seconds = sum[length - 1]!;
    const written = program.gradients.write(sum, 'engine');
    this.isStopped = written.stop;
    return written;
  }

  /**
   * Evaluates a model, each batch on one rank.
   *
   * @param loader the samples
   * @returns yields the number of batches done; returns the figures, or null when training is to end
   * @throws RankError when another rank does not take part
   */
  *evaluate(loader: DataLoader): Waiting<number, EvaluationResult | null> {
    const { program, model } = this.parts;
    const { group, signal } = this;
    const result = yield* evaluateTogether({ group, program, outputs: model.outputs, signal }, loader);
    if (result === null) this.isStopped = true;
    return result;
  }

  /** The first part of a step whose loss is not finite, and what of it is not: the same on every rank. */
  diagnose(batches: readonly Batch[]): NonFinite {
    const { program } = this.parts;
    const { parts } = this.share;
    const all = Array.from({ length: parts }, (_, part) =>
      batches.flatMap((batch) => {
        const cut = cutPart(batch, part, parts);
        const [first] = boundsOf(part, parts, batch.size);
        return cut === null ? [] : [{ cut, from: { index: batch.index, first } }];
      }),
    ).flat();
    const { cut, from } = all.find((each) => !Number.isFinite(program.loss(each.cut, 1).item())) ?? all[0]!;
    return program.diagnose(cut, true, from);
  }

  /** Undoes what the step under way has changed already, so that the run can be saved as it was before. */
  undo(): void {
    if (this.#before !== null) this.#load(this.#before);
  }

  #lap(): number {
    const now = performance.now();
    const seconds = (now - this.#began) / 1000;
    this.#began = now;
    return seconds;
  }

  #compute(part: number, batches: readonly Batch[], vector: Float32Array, layout: StepLayout): void {
    const { program, optimizer } = this.parts;
    const { parts } = this.share;
    const cut = batches.flatMap((batch) => cutPart(batch, part, parts) ?? []);
    // A rank without a sample in a last short batch runs some part all the same: it needs gradients to be replaced.
    const isIdle = cut.length === 0;
    const some = isIdle ? [firstPart(batches[0]!, parts)] : cut;
    const losses: Loss[] = [];
    optimizer.zeroGrad();
    for (const batch of some) {
      const loss = program.loss(batch, 1); // a sum: what the mean is over is known when all parts are added up
      loss.backward();
      losses.push(loss);
      if (losses.length < some.length && !Number.isFinite(loss.item())) break;
    }
    program.gradients.read(losses, 'engine', vector.subarray(0, layout.length));
    vector.fill(0, isIdle ? 0 : layout.length);
    if (part !== 0) return;
    let first = layout.length;
    for (const buffer of this.#buffers) {
      vector.set(Float32Array.from(buffer.values()), first);
      first += buffer.size;
    }
  }

  #setBuffers(sum: Float32Array, from: number): Float32Array[] {
    let first = from;
    const values = this.#buffers.map(({ size }) => {
      const own = sum.slice(first, first + size);
      first += size;
      return own;
    });
    this.#load(values);
    return values;
  }

  #load(values: readonly Float32Array[]): void {
    for (const [i, buffer] of this.#buffers.entries()) {
      buffer.load(buffer.dtype === 'int32' ? Int32Array.from(values[i]!) : values[i]!.slice());
    }
  }
}

function firstPart(batch: Batch, parts: number): Batch {
  for (let part = 0; part < parts; part++) {
    const cut = cutPart(batch, part, parts);
    if (cut !== null) return cut;
  }
  throw new Error('a batch has samples');
}
