import type { Batch, DataLoader } from '../data/loader.js';
import type { EvaluatedBatch } from '../engine/batch-sums.js';
import type { NonFinite, Program } from '../engine/program.js';
import { Evaluation, type EvaluationResult } from '../evaluate.js';
import type { Group } from './group.js';

/** Who evaluates what. */
export interface SharedEvaluation {
  readonly group: Group;
  readonly program: Program;
  /** How many values the model says of each sample. */
  readonly outputs: number;
  /** When aborted, all ranks end the evaluation. */
  readonly signal: AbortSignal;
}

/**
 * Evaluates a model, each batch on one rank. In every round each rank has a batch; what they gave is added up in the order of
 * the batches, in full precision, so that the figures are those of one process.
 *
 * @param parts who evaluates what
 * @param loader the samples, the same on every rank
 * @returns yields promises to be waited for, and the number of batches done after each round; returns the figures, null when
 * some rank was told to stop
 * @throws RankError when another rank does not take part
 */
export function* evaluateTogether(
  { group, program, outputs, signal }: SharedEvaluation,
  loader: DataLoader,
): Generator<number | Promise<unknown>, EvaluationResult | null> {
  const { rank, size } = group;
  const evaluation = new Evaluation(program);
  const hasOutputs = program.scores() !== null;
  const names = Object.keys(program.task.sums);
  const width = hasOutputs ? loader.batchSize * outputs : 0;
  const slot = new Slot(names, width);
  let nonFinite: NonFinite | null = null;
  for (let first = 0; first < loader.length; first += size) {
    const own = first + rank;
    const result = own < loader.length ? program.evaluate(batchAt(loader, own)) : null;
    let all = new Float32Array(0);
    yield group.gather(slot.write(result, signal.aborted)).then((gathered) => {
      all = gathered as Float32Array<ArrayBuffer>;
    });
    const round = Array.from({ length: size }, (_, i) => slot.read(all, i));
    if (round.some(({ stop }) => stop)) return null;
    for (const [i, { values }] of round.slice(0, loader.length - first).entries()) {
      const index = first + i;
      const samples = Math.min(loader.batchSize, loader.samples - index * loader.batchSize);
      const needsBatch = hasOutputs || (nonFinite === null && !Number.isFinite(values.total));
      const batch = needsBatch ? batchAt(loader, index) : { size: samples, targets: NO_TARGETS };
      if (nonFinite === null && !Number.isFinite(values.total)) {
        nonFinite = program.diagnose(batch as Batch, false);
      }
      const said = values.outputs?.subarray(0, samples * outputs) ?? null;
      evaluation.add(batch, { ...values, outputs: said });
    }
    yield Math.min(first + size, loader.length);
  }
  return { ...evaluation.figures(), nonFinite };
}

const NO_TARGETS = new Int32Array(0);

function batchAt(loader: DataLoader, index: number): Batch {
  return loader.epoch(0, index).next().value as Batch;
}

/** What a rank tells of its batch: numbers in full precision, then the model's outputs. */
class Slot {
  readonly #head: number;
  readonly #length: number;

  constructor(
    private readonly names: readonly string[],
    private readonly width: number,
  ) {
    this.#head = 4 + names.length;
    this.#length = 2 * this.#head + width;
  }

  write(result: EvaluatedBatch | null, stop: boolean): Float32Array {
    const vector = new Float32Array(this.#length);
    const { loss = 0, total = 0, divisor = 0, sums = {} } = result ?? {};
    const head = [stop ? 1 : 0, loss, total, divisor, ...this.names.map((name) => sums[name] ?? 0)];
    vector.set(new Float32Array(Float64Array.from(head).buffer));
    if (result?.outputs) vector.set(result.outputs, 2 * this.#head);
    return vector;
  }

  read(all: Float32Array, rank: number): { readonly stop: boolean; readonly values: EvaluatedBatch } {
    const vector = all.slice(rank * this.#length, (rank + 1) * this.#length);
    const [stop, loss, total, divisor, ...sums] = new Float64Array(vector.buffer, 0, this.#head);
    return {
      stop: stop! > 0,
      values: {
        ...{ loss: loss!, total: total!, divisor: divisor! },
        sums: Object.fromEntries(this.names.map((name, i) => [name, sums[i]!])),
        outputs: this.width === 0 ? null : vector.subarray(2 * this.#head),
      },
    };
  }
}
