import { biasAdd } from '../../backend/kernels/bias-add.js';
import { type Tensor2D, tensorflow } from '../../backend/tensorflow.js';
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
      const product = tf.matMul(rows as Tensor2D, weight.data as Tensor2D);
      const y = bias ? biasAdd(product, bias.data) : product;
      return input.kind === 'sequence' ? tf.reshape(y, [x.shape[0]!, input.length, outFeatures]) : y;
    },
  };
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
