import type { Parameter } from '../model/parameter.js';
import type { Task } from '../task/index.js';
import { type BatchResult, divide, type Objective } from './batch-sums.js';
import type { Loss } from './loss.js';

/**
 * Where everything lies in the vector of a step. All of it is sums: the vectors of several processes add up to the one that
 * a single process would have of all their batches.
 */
export interface StepLayout {
  /**
   * How many numbers the gradients take, from 0 on: those of the sum of the losses, not of their mean. Parameters lie one
   * after the other, each in PyTorch's order, as `torch.nn.utils.parameters_to_vector` has them.
   */
  readonly gradients: number;
  /** Offset of the sum of the losses. */
  readonly total: number;
  /** Offset of what their mean divides it by. */
  readonly divisor: number;
  /** Offset of the number of samples, whether they count or not. */
  readonly samples: number;
  /** Offsets of the task's sums, by name. */
  readonly sums: Readonly<Record<string, number>>;
  /** Offset of a flag: above 0, some loss is not finite, and no step is to be made. */
  readonly notFinite: number;
  /** Offset of a flag: above 0, training is to end after this step. Read as 0: whoever knows of a reason sets it. */
  readonly stop: number;
  /** How many numbers there are in all. */
  readonly length: number;
}

/** What a vector that was written says of the step. */
export interface WrittenStep extends BatchResult {
  readonly samples: number;
  /** Whether a step is to be made: its loss is a number, and no flag says otherwise. */
  readonly isFinite: boolean;
  /** Whether training is to end after it. */
  readonly stop: boolean;
}

/** How the values of a parameter lie in the vector of a step. */
export type ValueOrder = 'torch' | 'engine';

/** What an engine reads and writes in one piece, for all parameters, in its own order of values. */
export interface GradientVectors {
  /**
   * @param losses those whose backward has been asked for since zeroGrad
   * @param flat its beginning takes the gradients, divided as the losses were: meaningless where these are not finite
   * @returns whether it has them; else they are to be read one by one
   */
  readGradients(losses: readonly Loss[], flat: Float32Array): boolean;
  /**
   * @param vector of the step, see `StepLayout`. It stays as it is until something reads the gradients, or the step is made
   * @returns whether clipping and the step take its gradients, as a mean where the loss is one; else they are to be
   * written one by one
   */
  writeGradients(vector: Float32Array): boolean;
}

/**
 * @param parameters whose gradients there are
 * @param task whose sums there are
 * @returns where everything lies
 */
export function stepLayout(parameters: readonly Parameter[], task: Task): StepLayout {
  const gradients = parameters.reduce((sum, { size }) => sum + size, 0);
  const names = Object.keys(task.sums);
  const own = { total: gradients, divisor: gradients + 1, samples: gradients + 2 };
  const first = gradients + 3;
  const notFinite = first + names.length;
  return {
    ...{ gradients, ...own, notFinite, stop: notFinite + 1, length: notFinite + 2 },
    sums: Object.fromEntries(names.map((name, i) => [name, first + i])),
  };
}

/**
 * A step between backward and clipping as one vector: for adding up over several processes, for looking at it, for an
 * optimizer of one's own. Nothing of the step is decided before: whether it is made, from which gradients and with which
 * loss follows from what is written.
 */
export class Gradients {
  readonly layout: StepLayout;

  /**
   * @param parameters whose gradients they are
   * @param objective whose sums there are, and whether gradients are of a mean
   * @param clear leaves no parameter a gradient
   * @param vectors reads and writes all of them at once; default: they are read and written one by one
   */
  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly objective: Objective,
    private readonly clear: () => void,
    private readonly vectors: GradientVectors | null = null,
  ) {
    this.layout = stepLayout(parameters, objective.task);
  }

  /**
   * @param losses those whose backward has run since zeroGrad, all divided by the same number; by 1 where vectors are to be
   * added up, so that a process counts in which nothing counts
   * @param order of a parameter's values: that of PyTorch, or that of the engine, which nothing has to be put into
   * @param flat [layout.length] that takes it, whatever is there; default: new memory
   * @returns a copy, see `StepLayout`; null when there are no gradients since zeroGrad. Of losses that are not finite,
   * which have none, they are 0
   * @throws RangeError when there are no losses, or they are divided by different numbers
   */
  read(
    losses: readonly Loss[],
    order: ValueOrder = 'torch',
    flat: Float32Array = new Float32Array(this.layout.length),
  ): Float32Array | null {
    const { layout } = this;
    const by = losses[0]?.divisor;
    if (by === undefined || losses.some(({ divisor }) => divisor !== by))
      throw new RangeError('a step has losses, all divided by the same number');
    // Before a loss is asked for: what has not run yet gives both at once.
    const isRead = order === 'engine' && this.vectors?.readGradients(losses, flat) === true;
    const areFinite = losses.every((loss) => Number.isFinite(loss.item()));
    flat.fill(0, areFinite ? layout.gradients : 0);
    if (areFinite && !isRead && !this.#readGradients(flat, by, order)) return null;
    if (isRead && by !== 1) for (let i = 0; i < layout.gradients; i++) flat[i]! *= by;
    for (const loss of losses) {
      const { total, divisor, sums } = loss.result();
      flat[layout.total]! += total;
      flat[layout.divisor]! += divisor;
      flat[layout.samples]! += loss.batch.size;
      for (const [name, offset] of Object.entries(layout.sums)) flat[offset]! += sums[name]!;
    }
    if (!areFinite) flat[layout.notFinite] = 1;
    return flat;
  }

  /**
   * Decides the step: clipping and the step take these gradients, those of the loss that is written. Where that is not
   * finite there are none afterwards, and the step changes nothing.
   *
   * @param flat [layout.length or more], as `read` gives it; what lies behind is not looked at. It stays as it is until the
   * step is made: it may be read only then
   * @param order in which it was read
   * @returns what it says of the step
   * @throws RangeError when it is too short; Error when there are no gradients to be replaced
   */
  write(flat: Float32Array, order: ValueOrder = 'torch'): WrittenStep {
    const { layout } = this;
    if (flat.length < layout.length) {
      throw new RangeError(`${flat.length} values for a step of ${layout.length}`);
    }
    const step = this.#stepOf(flat);
    if (!step.isFinite) {
      this.clear();
      return step;
    }
    if (order === 'engine' && this.vectors?.writeGradients(flat)) return step;
    const by = this.objective.lossFunction.reduction === 'sum' ? 1 : step.divisor;
    let first = 0;
    for (const parameter of this.parameters) {
      if (parameter.grad === null)
        throw new Error('there are no gradients to be replaced: call backward() first');
      const own = flat.subarray(first, first + parameter.size);
      const mean = by === 1 ? own.slice() : divided(own, by);
      parameter.grad = order === 'torch' ? parameter.fromTorch(mean) : parameter.fromEngine(mean);
      first += parameter.size;
    }
    return step;
  }

  /** @param by what they were divided by. Returns whether there are any */
  #readGradients(flat: Float32Array, by: number, order: ValueOrder): boolean {
    let first = 0;
    for (const parameter of this.parameters) {
      const gradient =
        order === 'torch' ? parameter.gradient() : (parameter.grad?.dataSync() as Float32Array | undefined);
      if (!gradient) return false;
      flat.set(by === 1 ? gradient : gradient.map((value) => value * by), first);
      first += parameter.size;
    }
    return true;
  }

  #stepOf(flat: Float32Array): WrittenStep {
    const { layout, objective } = this;
    const at = (offset: number) => flat[offset]!;
    const divisor = at(layout.divisor);
    const lossOf = (total: number) =>
      objective.lossFunction.reduction === 'sum' ? total : divide(total, divisor);
    const hasValue = Number.isFinite(lossOf(at(layout.total)));
    const isFlagged = at(layout.notFinite) > 0;
    // A flag that one of several has set counts for the loss of all.
    const total = hasValue && isFlagged ? Number.NaN : at(layout.total);
    const sums = Object.entries(layout.sums).map(([name, offset]) => [name, at(offset)] as const);
    return {
      ...{ loss: lossOf(total), total, divisor, sums: Object.fromEntries(sums) },
      ...{ samples: at(layout.samples), isFinite: hasValue && !isFlagged, stop: at(layout.stop) > 0 },
    };
  }
}

/** For millions of numbers several times as fast as `map`. */
function divided(values: Float32Array, by: number): Float32Array {
  const quotients = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) quotients[i] = values[i]! / by;
  return quotients;
}
