import type { Batch } from '../data/loader.js';
import type { LossFunction } from '../loss/index.js';
import type { ForwardPass } from '../model/layer.js';
import type { Sequential } from '../model/sequential.js';
import type { BatchResult, Loss, Program } from './program.js';
import { type Scalar, type Tensor, tensorflow } from './tensorflow.js';

/** Executes a model one op at a time: the reference for every other engine, and the debugger's friend. */
export class EagerProgram implements Program {
  constructor(
    private readonly model: Sequential,
    private readonly lossFunction: LossFunction,
  ) {}

  loss(batch: Batch): Loss {
    let result: BatchResult | undefined;
    const forward = () => (result ??= tensorflow().tidy(() => read(this.#forward(batch, true))));
    return {
      backward: (scale = 1) => {
        result = this.#backward(batch, scale);
      },
      item: () => forward().loss,
      correct: () => forward().correct,
    };
  }

  evaluate(batch: Batch): BatchResult {
    return tensorflow().tidy(() => read(this.#forward(batch, false)));
  }

  nonFiniteParameter(): string | null {
    const parameter = this.model.parameters.find(({ data }) => !allFinite(data));
    return parameter ? `parameter ${parameter.name}` : null;
  }

  diagnose(batch: Batch, training: boolean): string {
    const parameter = this.nonFiniteParameter();
    if (parameter !== null) return parameter;
    return tensorflow().tidy(() => {
      const { inputs, pass } = feed(batch, training);
      if (!allFinite(inputs)) return 'the images themselves';
      let first: number | undefined;
      this.model.forward(inputs, pass, (output, index) => {
        if (first === undefined && !allFinite(output)) first = index;
      });
      if (first === undefined) return 'the loss itself';
      return `the output of layer ${first} (${this.model.layers[first]!.type})`;
    });
  }

  #backward(batch: Batch, scale: number): BatchResult {
    const tf = tensorflow();
    const { parameters } = this.model;
    return tf.tidy(() => {
      let correct: Scalar | undefined;
      const lossOfParameters = () => {
        const output = this.#forward(batch, true);
        correct = tf.keep(output.correct);
        return output.loss;
      };
      // The parameters are read inside forward; tfjs finds them on its tape by identity.
      const { value, grads } = tf.valueAndGrads(lossOfParameters)(
        parameters.map(({ data }) => data),
        scale === 1 ? undefined : tf.scalar(scale),
      );
      for (const [index, parameter] of parameters.entries()) parameter.accumulate(grads[index]!);
      const result = read({ loss: value as Scalar, correct: correct! });
      correct!.dispose();
      return result;
    });
  }

  #forward(batch: Batch, training: boolean): { loss: Scalar; correct: Scalar } {
    const tf = tensorflow();
    const { inputs, targets, pass } = feed(batch, training);
    const logits = this.model.forward(inputs, pass);
    const hits = tf.equal(tf.argMax(logits, 1), targets);
    return { loss: this.lossFunction(logits, targets), correct: tf.sum(tf.cast(hits, 'int32')) as Scalar };
  }
}

function allFinite(tensor: Tensor): boolean {
  const tf = tensorflow();
  return tf.tidy(() => tf.all(tf.isFinite(tensor)).dataSync()[0] === 1);
}

function feed(batch: Batch, training: boolean): { inputs: Tensor; targets: Tensor; pass: ForwardPass } {
  const tf = tensorflow();
  const shape: [number, number, number, number] = [batch.size, batch.height, batch.width, batch.channels];
  return {
    inputs: tf.tensor4d(batch.inputs, shape),
    targets: tf.tensor1d(batch.targets, 'int32'),
    pass: { training, batchKey: tf.tensor1d([batch.epoch, batch.index], 'int32') },
  };
}

function read({ loss, correct }: { loss: Scalar; correct: Scalar }): BatchResult {
  return { loss: loss.dataSync()[0]!, correct: correct.dataSync()[0]! };
}
