import { biasAdd } from '../../engine/differentiable.js';
import { type Tensor2D, tensorflow } from '../../engine/tensorflow.js';
import { type Layer, type LayerContext, LayerError, weightAndBias } from '../layer.js';
import type { Layout } from '../layout.js';
import { describeShape, type FeaturesShape } from '../shape.js';

export interface LinearOptions {
  readonly type: 'linear';
  readonly outFeatures: number;
  readonly bias: boolean;
}

/**
 * Fully connected layer.
 *
 *     y = x weight^T + bias
 *
 * @param options outFeatures; bias
 * @param context name and input shape (features)
 * @returns the layer; `weight` is [out, in], `bias` [out]
 * @throws LayerError when the input is an image
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export function linear(options: LinearOptions, { name, input }: LayerContext): Layer {
  if (input.kind !== 'features') {
    throw new LayerError(
      `linear needs features but gets an image of ${describeShape(input)}`,
      'Put { type: flatten } before it.',
    );
  }
  const shape = [options.outFeatures, input.features];
  const { weight, bias, parameters } = weightAndBias(
    name,
    { shape, layout: weightLayout(options.outFeatures, input) },
    input.features,
    options.bias,
  );
  return {
    type: options.type,
    output: { kind: 'features', features: options.outFeatures },
    parameters,
    forward: (x) => {
      const y = tensorflow().matMul(x as Tensor2D, weight.data as Tensor2D);
      return bias ? biasAdd(y, bias.data) : y;
    },
  };
}

/** [in, out] in the engine; after flatten the inputs are in the engine's order of pixels as well. */
function weightLayout(outputs: number, { features, flattened }: FeaturesShape): Layout {
  const shape = [features, outputs];
  if (!flattened) return { view: [outputs, features], permutation: [1, 0], shape };
  const { channels, height, width } = flattened;
  return { view: [outputs, channels, height, width], permutation: [2, 3, 1, 0], shape };
}
