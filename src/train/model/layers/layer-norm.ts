import { layerNorm as normalizeEach } from '../../backend/kernels/layer-norm.js';
import { tensorflow } from '../../backend/tensorflow.js';
import { constant } from '../init/index.js';
import { type Layer, type LayerContext, LayerError } from '../layer.js';
import { type Layout, plainLayout } from '../layout.js';
import { engineAxis, featuresLayout, imageLayout } from '../order.js';
import { Parameter } from '../parameter.js';
import { anyNumbers, dimensions, nameShape, type Shape } from '../shape.js';
import { initialized, type LayerInit } from './weights.js';

export interface LayerNormOptions {
  readonly type: 'layer_norm';
  /** null: all of a sample; of a sequence, the features of each step */
  readonly normalizedShape: number | readonly number[] | null;
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  readonly bias: boolean;
  readonly init: LayerInit;
}

/**
 * Normalises each sample by its own mean and variance, over the last dimensions in PyTorch's order.
 *
 *     y = (x - mean) / sqrt(var + eps) * weight + bias,   var biased
 *
 * @param options normalizedShape, the sizes of the last dimensions to normalise over, default all of a sample, of a
 * sequence the features of each step; eps, default 1e-5; elementwiseAffine, default true: whether there is a weight;
 * bias, default true: whether there is a bias beside it
 * @param context name and input shape, any
 * @returns the layer; `weight` and `bias` have the normalized shape
 * @throws LayerError when the input does not end in the normalized shape
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html; Ba, Kiros and Hinton, 2016
 */
export function layerNorm(options: LayerNormOptions, { name, input }: LayerContext): Layer {
  const shape = normalizedSizes(options, input);
  const axes = shape.map((_, i) => engineAxis(input, i - shape.length)!).sort((a, b) => a - b);
  const layout = layoutOf(shape, input);
  const tensor = (suffix: string) => new Parameter(`${name}.${suffix}`, shape, layout);
  const weight = initialized(tensor('weight'), options.init?.weight, constant(1));
  const bias = initialized(tensor('bias'), options.init?.bias, constant(0));
  const { elementwiseAffine: affine, eps } = options;
  return {
    type: options.type,
    output: anyNumbers(input),
    parameters: affine ? [weight, ...(options.bias ? [bias] : [])] : [],
    forward: (x) => {
      const tf = tensorflow();
      const scale = affine ? weight.parameter.data : tf.ones([...layout.shape]);
      const offset = affine && options.bias ? bias.parameter.data : tf.zeros([...layout.shape]);
      return normalizeEach(x, scale, offset, axes, eps);
    },
  };
}

/**
 * @param options of the layer
 * @param input what it sees
 * @returns the sizes of the last dimensions that it normalises over
 * @throws LayerError when the input does not end in them
 */
export function normalizedSizes({ normalizedShape }: LayerNormOptions, input: Shape): readonly number[] {
  const sizes = dimensions(input);
  if (normalizedShape === null) return input.kind === 'sequence' ? [input.features] : sizes;
  const wanted = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
  if (
    wanted.length > 0 &&
    wanted.length <= sizes.length &&
    wanted.join() === sizes.slice(-wanted.length).join()
  )
    return wanted;
  throw new LayerError(
    `layer_norm over [${wanted.join(', ')}] does not fit ${nameShape(input)}`,
    `normalized_shape must be the last dimensions: [${sizes.join(', ')}], or fewer from the left.`,
  );
}

function layoutOf(shape: readonly number[], input: Shape): Layout {
  if (input.kind === 'features') return featuresLayout(input);
  if (input.kind === 'sequence') return plainLayout(shape);
  const [channels, height, width] = [...Array<number>(3 - shape.length).fill(1), ...shape] as [
    number,
    number,
    number,
  ];
  return imageLayout({ kind: 'image', channels, height, width });
}
