import { biasAdd } from '../../backend/kernels/bias-add.js';
import { matMul } from '../../backend/kernels/mat-mul.js';
import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import { uniformFanIn } from '../init/index.js';
import { type Layer, type LayerContext, LayerError } from '../layer.js';
import type { Layout } from '../layout.js';
import { nameShape, type Shape } from '../shape.js';
import { type LayerInit, weightAndBias } from './weights.js';

export interface LinearOptions {
  readonly type: 'linear';
  readonly outFeatures: number;
  readonly bias: boolean;
  readonly init: LayerInit;
}

/**
 * Fully connected layer; on a sequence, the same for each step.
 *
 *     y = x weight^T + bias
 *
 * @param options outFeatures; bias, default true
 * @param context name and input shape (features, or a sequence)
 * @returns the layer; `weight` is [out, in], `bias` [out]
 * @throws LayerError when the input is an image, whose width PyTorch would take for the features
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export function linear(options: LinearOptions, context: LayerContext): Layer {
  const { input } = context;
  if (input.kind === 'image') {
    throw new LayerError(
      `linear needs features but gets ${nameShape(input)}`,
      'Put { type: flatten } before it.',
    );
  }
  const { outFeatures } = options;
  const weightTensor = {
    shape: [outFeatures, input.features],
    layout: weightLayout(outFeatures, input),
  };
  const { weight, bias, parameters } = weightAndBias(
    context,
    weightTensor,
    uniformFanIn(input.features),
    options,
  );
  return {
    type: options.type,
    output:
      input.kind === 'sequence'
        ? { kind: 'sequence', length: input.length, features: outFeatures }
        : { kind: 'features', features: outFeatures },
    parameters,
    forward: (x) => {
      const tf = tensorflow();
      const rows = input.kind === 'sequence' ? tf.reshape(x, [-1, input.features]) : x;
      const product = multiply(rows, weight.data);
      const y = bias ? biasAdd(product, bias.data) : product;
      return input.kind === 'sequence' ? tf.reshape(y, [x.shape[0]!, input.length, outFeatures]) : y;
    },
  };
}

/** Products that a single row may add up one after the other. */
const LONG_ROW = 1024;

/** On some processors a single row's products are added up one after the other: a long row goes in parts. */
function multiply(rows: Tensor, weight: Tensor): Tensor {
  const tf = tensorflow();
  const [count, features] = rows.shape as [number, number];
  const parts = count === 1 ? partsOf(features) : 1;
  if (parts === 1) return matMul(rows, weight);
  const each = features / parts;
  const products = tf.matMul(tf.reshape(rows, [parts, 1, each]), tf.reshape(weight, [parts, each, -1]));
  return tf.sum(products, 0);
}

/** In how many equal parts a row goes; 1 when too many would be needed. */
function partsOf(features: number): number {
  const fewest = Math.ceil(features / LONG_ROW);
  const choices = Array.from({ length: 3 * fewest }, (_, i) => fewest + i);
  return choices.find((parts) => features % parts === 0) ?? 1;
}

/** [in, out] in the engine; after flatten the inputs are in the engine's order of pixels as well. */
function weightLayout(outputs: number, input: Exclude<Shape, { kind: 'image' }>): Layout {
  const shape = [input.features, outputs];
  if (input.kind !== 'features' || !input.flattened) {
    return { view: [outputs, input.features], permutation: [1, 0], shape };
  }
  const { channels, height, width } = input.flattened;
  return { view: [outputs, channels, height, width], permutation: [2, 3, 1, 0], shape };
}
