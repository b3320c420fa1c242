import { type Tensor, tensorflow } from '../../../src/train/backend/tensorflow.js';
import type { Sequential } from '../../../src/train/model/sequential.js';
import { engineDimensions, type InputShape } from '../../../src/train/model/shape.js';
import { numbers, sizeOf } from '../../helpers/numbers.js';

/** Inputs that a model of this shape takes, a function of it alone, with their sizes in the engine's order. */
export function inputsOf(
  input: InputShape,
  batch: number,
): { inputs: Float32Array | Int32Array; sizes: number[] } {
  const sizes = [batch, ...engineDimensions(input)];
  const values = numbers('x', sizeOf(sizes));
  const below = input.kind === 'tokens' ? input.vocabulary : input.wholeBelow;
  if (below === undefined) return { inputs: values.map((value) => value * 2), sizes };
  const whole = values.map((value) => Math.min(below - 1, Math.floor(((value + 1) / 2) * below)));
  return { inputs: input.kind === 'tokens' ? Int32Array.from(whole) : whole, sizes };
}

/** What a model says of inputs in evaluation, op by op. */
export function saidBy(model: Sequential, inputs: Float32Array | Int32Array, sizes: number[]): Float32Array {
  const tf = tensorflow();
  return tf.tidy(() => {
    const dtype = inputs instanceof Int32Array ? 'int32' : 'float32';
    const pass = { training: false, batchKey: tf.tensor1d([0, 0], 'int32'), update: () => {} };
    const x: Tensor = tf.tensor(inputs, sizes, dtype);
    return model.forward(x, pass).dataSync() as Float32Array;
  });
}
