import { tensorflow } from '../../backend/tensorflow.js';
import type { Sequential } from '../../model/sequential.js';
import { GraphBuilder } from './graph-def.js';
import type { PixelTransforms } from './pixels.js';
import { serializeSavedModel } from './saved-model.js';
import { Tracer } from './tracer.js';

/**
 * Compiles a model for evaluation, its weights inside, as a SavedModel that TensorFlow loads without lossnet. Its
 * signature `serving_default` takes `images` [batch, height, width, channels], float32, pixels from 0 to 255, and gives
 * `logits` [batch, classes].
 *
 * @param model with its values
 * @param transforms of the training, which are part of the graph
 * @param batchSize how many images it takes at once: shapes in a graph are fixed
 * @returns the bytes of saved_model.pb
 * @throws TraceError when a layer cannot be traced
 */
export function exportSavedModel(
  model: Sequential,
  transforms: PixelTransforms,
  batchSize: number,
): Uint8Array {
  const tf = tensorflow();
  const { input } = model;
  if (input.kind !== 'image') throw new Error('a model takes images');
  const graph = new GraphBuilder();
  const tracer = new Tracer(graph, 'apart'); // whatever TensorFlow loads it
  const shape: [number, number, number, number] = [batchSize, input.height, input.width, input.channels];
  const logits = tf.tidy(() => {
    const images = tf.tensor4d(
      new Float32Array(batchSize * input.height * input.width * input.channels),
      shape,
    );
    tracer.bind(images, graph.placeholder('images', 'float32', shape));
    const batchKey = tf.tensor1d([0, 0], 'int32');
    return tracer.trace(() => {
      const { scale, normalize } = transforms;
      const pixels = scale ? tf.div(images, 255) : images;
      const seen = normalize ? tf.div(tf.sub(pixels, [...normalize.mean]), [...normalize.std]) : pixels;
      const outputs = model.forward(seen, { training: false, batchKey, update: () => {} });
      return { output: tracer.outputOf(outputs), shape: outputs.shape };
    });
  });
  const output = graph.identity(logits.output, 'float32', [], 'logits');
  return serializeSavedModel(graph, {
    inputs: { images: { output: 'images', dtype: 'float32', shape } },
    outputs: { logits: { output, dtype: 'float32', shape: logits.shape } },
  });
}
