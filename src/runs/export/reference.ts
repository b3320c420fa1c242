import { tensorflow } from '../../train/backend/tensorflow.js';
import type { DataSpec } from '../../train/data/dataset.js';
import { type BatchTransforms, pixelTables, writePixels } from '../../train/data/transforms.js';
import type { Sequential } from '../../train/model/sequential.js';
import { engineDimensions } from '../../train/model/shape.js';

/**
 * What lossnet itself says of samples, op by op: what every export has to agree with.
 *
 * @param model whose weights are loaded
 * @param transforms of the training
 * @param spec what the model takes and says
 * @param inputs as an export takes them: pixels from 0 to 255, features, or tokens
 * @param samples how many
 * @returns logits, or values in their own units
 */
export function said(
  model: Pick<Sequential, 'forward' | 'input'>,
  transforms: Pick<BatchTransforms, 'scale' | 'normalize'>,
  { target }: Pick<DataSpec, 'target'>,
  inputs: Float32Array | Int32Array,
  samples: number,
): Float32Array {
  const tf = tensorflow();
  const { input } = model;
  const seen = input.kind === 'image' ? pixels(inputs, input.channels, transforms) : inputs;
  const outputs = tf.tidy(() => {
    const pass = { training: false, batchKey: tf.tensor1d([0, 0], 'int32'), update: () => {} };
    const dtype = input.kind === 'tokens' ? 'int32' : 'float32';
    const x = tf.tensor(seen, [samples, ...engineDimensions(input)], dtype);
    return model.forward(x, pass).dataSync() as Float32Array;
  });
  if (target.kind !== 'value' || !target.mean || !target.std) return outputs;
  const { mean, std } = target;
  return outputs.map((value, i) => value * std[i % std.length]! + mean[i % mean.length]!);
}

function pixels(
  inputs: Float32Array | Int32Array,
  channels: number,
  transforms: Pick<BatchTransforms, 'scale' | 'normalize'>,
): Float32Array {
  const result = new Float32Array(inputs.length);
  writePixels(result, Uint8Array.from(inputs), pixelTables(channels, transforms));
  return result;
}
