import { type Scalar, type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Batch } from '../data/loader.js';
import type { LossFunction, Reduction } from '../loss/index.js';
import type { ForwardPass } from '../model/layer.js';
import type { Parameter } from '../model/parameter.js';
import type { Sequential } from '../model/sequential.js';
import type { Scores, Sums, Task } from '../task/index.js';
import {
  type BatchResult,
  type BatchSums,
  Counts,
  divide,
  type EvaluatedBatch,
  type Objective,
  scoresOf,
  sumsOf,
} from './batch-sums.js';
import { Gradients } from './gradients.js';
import type { Loss } from './loss.js';
import { type CutFrom, oddSample } from './odd-sample.js';
import type { NonFinite, Program } from './program.js';
import { namedFigures, type StepFigures, squaresOf } from './step-figures.js';

/** Executes a model one op at a time: the reference for every other engine, and the debugger's friend. */
export class EagerProgram implements Program {
  readonly reduction: Reduction;
  readonly gradients: Gradients;
  /** The parameters as they were when they were last remembered. */
  readonly #before = new Map<Parameter, Tensor>();
  readonly #objective: Objective;
  readonly #counts: Counts;
  readonly #hasScores: boolean;

  /**
   * @param model with values
   * @param lossFunction what it is to make small
   * @param task what it is to say
   * @param keepsOutputs whether an evaluation gives outputs also where no metric is made of them; default: no
   */
  constructor(
    private readonly model: Sequential,
    lossFunction: LossFunction,
    readonly task: Task,
    keepsOutputs = false,
  ) {
    this.reduction = lossFunction.reduction;
    this.#objective = { task, lossFunction, keepsOutputs };
    this.#counts = new Counts(this.#objective);
    this.#hasScores = scoresOf(this.#objective) !== null;
    this.gradients = new Gradients(model.trainable, this.#objective, () => {
      for (const parameter of model.trainable) parameter.zeroGrad();
    });
  }

  divisor(batches: readonly Batch[]): number {
    return this.#counts.divisor(batches);
  }

  loss(batch: Batch, divisor = this.divisor([batch])): Loss {
    let result: BatchResult | undefined;
    const updates = new BufferUpdates();
    const forward = () => {
      result ??= tensorflow().tidy(() => this.#read(batch, this.#forward(batch, updates)));
      updates.apply();
      return result;
    };
    return {
      batch,
      divisor,
      backward: () => {
        result = this.#backward(batch, divisor, updates);
        updates.apply();
      },
      item: () => divide(forward().total, divisor),
      result: forward,
    };
  }

  /** Nothing runs beside JavaScript here. */
  ahead<T>(batches: Iterable<T>): Iterable<T> {
    return batches;
  }

  evaluate(batch: Batch): EvaluatedBatch {
    let said: Float32Array | null = null;
    const result = tensorflow().tidy(() => {
      const { outputs, ...sums } = this.#forward(batch, null);
      if (this.#hasScores) said = outputs.dataSync() as Float32Array;
      return this.#read(batch, sums);
    });
    return { ...result, outputs: said };
  }

  scores(): Scores | null {
    return scoresOf(this.#objective);
  }

  remember(): void {
    this.#forget();
    // A clone shares the values; the step replaces the parameter's tensor and frees it.
    for (const parameter of this.model.trainable)
      this.#before.set(parameter, tensorflow().keep(parameter.data.clone()));
  }

  stepFigures(): StepFigures[] {
    const tf = tensorflow();
    const parameters = this.model.trainable;
    const all = parameters.every((parameter) => this.#before.has(parameter) && parameter.grad);
    if (!all) return [];
    const squares = tf.tidy(() =>
      tf
        .concat(
          parameters.map((parameter) =>
            squaresOf({ data: parameter.data, before: this.#before.get(parameter)!, grad: parameter.grad! }),
          ),
        )
        .dataSync(),
    );
    this.#forget();
    return namedFigures(parameters, squares);
  }

  nonFiniteParameter(): string | null {
    return this.#firstNonFinite(this.model.state);
  }

  diagnose(batch: Batch, training: boolean, from?: CutFrom): NonFinite {
    // In training, running statistics are no cause: they follow from this very pass.
    const tensor = this.#firstNonFinite(training ? this.model.parameters : this.model.state);
    if (tensor !== null) return { tensor, kind: 'state' };
    return tensorflow().tidy(() => {
      const { inputs, batchKey } = feed(batch, this.task);
      const pass = { training, batchKey, update: () => {} };
      const odd = oddSample(batch, from);
      if (odd !== null && !odd.isFinite) {
        const tensor = `the inputs themselves (${odd.place} has ${odd.what})`;
        return { tensor, kind: 'inputs' as const };
      }
      let first: number | undefined;
      this.model.forward(inputs, pass, (output, index) => {
        if (first === undefined && !allFinite(output)) first = index;
      });
      const tensor =
        first === undefined
          ? 'the loss itself'
          : `the output of layer ${first} (${this.model.layers[first]!.type})`;
      if (odd !== null)
        return { tensor: `${tensor} (${odd.place} has ${odd.what})`, kind: 'inputs' as const };
      return { tensor, kind: 'computation' as const };
    });
  }

  dispose(): void {
    this.#forget();
  }

  #forget(): void {
    for (const tensor of this.#before.values()) tensor.dispose();
    this.#before.clear();
  }

  #firstNonFinite(tensors: readonly Parameter[]): string | null {
    const tensor = tensors.find(({ data, dtype }) => dtype === 'float32' && !allFinite(data));
    if (!tensor) return null;
    return `${this.model.parameters.includes(tensor) ? 'parameter' : 'buffer'} ${tensor.name}`;
  }

  #backward(batch: Batch, divisor: number, updates: BufferUpdates): BatchResult {
    const tf = tensorflow();
    // Of what is frozen nothing is differentiated, nor of what lies before the first that is not.
    const parameters = this.model.trainable;
    return tf.tidy(() => {
      let measured: Sums<Scalar> = {};
      const totalOfParameters = () => {
        const output = this.#forward(batch, updates);
        measured = output.measured;
        for (const sum of Object.values(measured)) tf.keep(sum);
        return output.total;
      };
      // The parameters are read inside forward; tfjs finds them on its tape by identity.
      const { value, grads } = tf.valueAndGrads(totalOfParameters)(
        parameters.map(({ data }) => data),
        tf.scalar(1 / divisor),
      );
      const result = this.#read(batch, { total: value as Scalar, measured });
      for (const sum of Object.values(measured)) sum.dispose();
      const hasGradients = Number.isFinite(result.total / divisor);
      for (const [index, parameter] of parameters.entries()) {
        if (hasGradients) parameter.accumulate(grads[index]!);
        else parameter.zeroGrad();
      }
      return result;
    });
  }

  /** @param updates takes what training changes besides the gradients; null: evaluation */
  #forward(batch: Batch, updates: BufferUpdates | null): BatchSums<Scalar> & { outputs: Tensor } {
    const { inputs, targets, batchKey } = feed(batch, this.task);
    const pass: ForwardPass = {
      training: updates !== null,
      batchKey,
      update: (buffer, value) => updates?.collect(buffer, value),
    };
    const outputs = this.model.forward(inputs, pass);
    return { ...sumsOf(outputs, targets, this.#objective), outputs };
  }

  #read(batch: Batch, { total, measured }: BatchSums<Scalar>): BatchResult {
    const read = (scalar: Scalar) => scalar.dataSync()[0]!;
    const sums = Object.entries(measured).map(([name, sum]) => [name, read(sum)] as const);
    return this.#counts.result(batch, { total: read(total), measured: Object.fromEntries(sums) });
  }
}

/** The new values of buffers, applied once for each batch, however often its forward pass is run. */
class BufferUpdates {
  #values: Map<Parameter, Tensor> | null = new Map();

  collect(buffer: Parameter, value: Tensor): void {
    if (this.#values) this.#values.set(buffer, tensorflow().keep(value));
  }

  apply(): void {
    for (const [buffer, value] of this.#values ?? []) buffer.data = value;
    this.#values = null;
  }
}

function allFinite(tensor: Tensor): boolean {
  const tf = tensorflow();
  return tf.tidy(() => tf.all(tf.isFinite(tensor)).dataSync()[0] === 1);
}

/** A batch as tensors: to be freed by a tidy around it. */
export function feed(batch: Batch, { targets }: Task): { inputs: Tensor; targets: Tensor; batchKey: Tensor } {
  const tf = tensorflow();
  return {
    inputs: tf.tensor(batch.inputs, [batch.size, ...batch.shape]),
    targets: tf.tensor(batch.targets, [batch.size, ...targets.shape], targets.dtype),
    batchKey: tf.tensor1d([batch.epoch, batch.index], 'int32'),
  };
}
