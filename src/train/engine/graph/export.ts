import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import type { Sequential } from '../../model/sequential.js';
import { engineDimensions } from '../../model/shape.js';
import type { Target, ValueTarget } from '../../task/index.js';
import { GraphBuilder } from './graph-def.js';
import type { PixelTransforms } from './pixels.js';
import { serializeSavedModel } from './saved-model.js';
import { Tracer } from './tracer.js';

/**
 * Compiles a model for evaluation, its weights inside, as a SavedModel that TensorFlow loads without lossnet. Its
 * signature `serving_default` takes `images` [batch, height, width, channels], float32, pixels from 0 to 255, or `features`
 * [batch, features] as the data set encodes them, or `tokens` [batch, length], int32, and gives `logits` [batch, classes], or `values` [batch, values] in their
 * own units.
 *
 * @param model with its values
 * @param transforms of the training, which are part of the graph
 * @param target what the model says
 * @param batchSize how many samples it takes at once: shapes in a graph are fixed
 * @returns the bytes of saved_model.pb
 * @throws TraceError when a layer cannot be traced
 */
export function exportSavedModel(
  model: Sequential,
  { transforms, target }: { readonly transforms: PixelTransforms; readonly target: Target },
  batchSize: number,
): Uint8Array {
  const tf = tensorflow();
  const names = signatureOf(model, target);
  const graph = new GraphBuilder();
  const tracer = new Tracer(graph, 'apart'); // whatever TensorFlow loads it
  const shape = [batchSize, ...engineDimensions(model.input)];
  const dtype = model.input.kind === 'tokens' ? 'int32' : 'float32';
  const said = tf.tidy(() => {
    const inputs = tracer.standIn(shape, graph.placeholder(names.input, dtype, shape), dtype);
    const batchKey = tf.tensor1d([0, 0], 'int32');
    return tracer.trace(() => {
      const seen = model.input.kind === 'image' ? transformed(inputs, transforms) : inputs;
      const outputs = model.forward(seen, { training: false, batchKey, portable: true, update: () => {} });
      const inUnits = target.kind === 'value' ? unstandardized(outputs, target) : outputs;
      return { output: tracer.outputOf(inUnits), shape: outputs.shape };
    });
  });
  const output = graph.identity(said.output, 'float32', [], names.output);
  return serializeSavedModel(graph, {
    inputs: { [names.input]: { output: names.input, dtype, shape } },
    outputs: { [names.output]: { output, dtype: 'float32', shape: said.shape } },
  });
}

/** What an exported model calls what it takes and what it gives. */
function signatureOf(
  { input }: Pick<Sequential, 'input'>,
  target: Target,
): { readonly input: 'images' | 'features' | 'tokens'; readonly output: 'logits' | 'values' } {
  return {
    input: input.kind === 'image' ? 'images' : input.kind === 'tokens' ? 'tokens' : 'features',
    output: target.kind === 'class' ? 'logits' : 'values',
  };
}

function transformed(images: Tensor, { scale, normalize }: PixelTransforms): Tensor {
  const tf = tensorflow();
  const pixels = scale ? tf.div(images, 255) : images;
  return normalize ? tf.div(tf.sub(pixels, [...normalize.mean]), [...normalize.std]) : pixels;
}

/** y = output * std + mean, where batches hold (y - mean) / std. */
function unstandardized(outputs: Tensor, { mean, std }: ValueTarget): Tensor {
  const tf = tensorflow();
  return mean && std ? tf.add(tf.mul(outputs, [...std]), [...mean]) : outputs;
}
