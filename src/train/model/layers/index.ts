import { type Layer, type LayerContext, LayerError, type NamedLayer } from '../layer.js';
import { dimensions, type InputShape, nameShape, type Shape } from '../shape.js';
import { type ActivationOptions, activation } from './activations.js';
import { type AdaptiveAvgPool2dOptions, adaptiveAvgPool2d } from './adaptive-avg-pool2d.js';
import { type AvgPool2dOptions, avgPool2d } from './avg-pool2d.js';
import { type BatchNormOptions, batchNorm } from './batch-norm.js';
import { type Conv2dOptions, conv2d } from './conv2d.js';
import { type DropoutOptions, dropout } from './dropout.js';
import { type EmbeddingOptions, embedding } from './embedding.js';
import { type FlattenOptions, flatten } from './flatten.js';
import { type LayerNormOptions, layerNorm } from './layer-norm.js';
import { type LinearOptions, linear } from './linear.js';
import { type MaxPool2dOptions, maxPool2d } from './max-pool2d.js';
import { type RecurrentOptions, recurrent } from './recurrent.js';
import { residual } from './residual.js';
import { type SoftmaxOptions, softmax } from './softmax.js';

export type LayerOptions =
  | Conv2dOptions
  | MaxPool2dOptions
  | AvgPool2dOptions
  | AdaptiveAvgPool2dOptions
  | FlattenOptions
  | LinearOptions
  | ActivationOptions
  | SoftmaxOptions
  | DropoutOptions
  | BatchNormOptions
  | LayerNormOptions
  | ResidualOptions
  | EmbeddingOptions
  | RecurrentOptions;

export interface ResidualOptions {
  readonly type: 'residual';
  readonly layers: readonly LayerOptions[];
  /** null: the input itself */
  readonly projection: readonly LayerOptions[] | null;
}

/**
 * Makes layers that follow each other.
 *
 * @param options the layers, first to last
 * @param context what the first one sees; `name` is that of the whole, empty for the model itself
 * @returns the layers, named by position, their parameters still without values
 * @throws LayerError at the first that is impossible, with the way to it
 */
export function createLayers(
  options: readonly LayerOptions[],
  context: LayerContext<InputShape>,
): NamedLayer[] {
  const layers: NamedLayer[] = [];
  let input: InputShape = context.input;
  for (const [index, layerOptions] of options.entries()) {
    const name = context.name === '' ? `${index}` : `${context.name}.${index}`;
    try {
      const layer = createLayer(layerOptions, { ...context, name, input });
      refuseHuge(layer);
      layers.push({ ...(context.evaluates?.(name) ? inEvaluation(layer) : layer), name });
      input = layer.output;
    } catch (error) {
      if (!(error instanceof LayerError)) throw error;
      error.way.unshift(index);
      error.before.unshift(...layers);
      throw error;
    }
  }
  return layers;
}

/** The layer as after `module.eval()`: without dropout, and normalising by running statistics, which stay as they are. */
function inEvaluation(layer: Layer): Layer {
  // Running statistics know of no batch; of layers within, each has said so for itself.
  const isAlone = layer.children === undefined && (layer.buffers ?? []).length > 0;
  return {
    ...layer,
    ...(isAlone && { mixesSamples: false, smallestBatch: 1 }),
    forward: (x, pass) => layer.forward(x, { ...pass, training: false }),
  };
}

/** The most values of a tensor: as many as TensorFlow counts in 32 bits, 8 GB. */
export const MOST_VALUES = 2 ** 31 - 1;

/** What no machine could hold is a slip of the keyboard, and is said before anything runs out of memory. */
function refuseHuge({ type, output, parameters, buffers = [] }: Layer): void {
  const refuse = (what: string, sizes: readonly number[]) => {
    if (sizes.reduce((product, size) => product * size, 1) <= MOST_VALUES) return;
    throw new LayerError(
      `${type} makes ${what} of ${sizes.join(' x ')} numbers, and at most ${MOST_VALUES} fit`,
      'Choose smaller sizes.',
    );
  };
  refuse('for each sample an output', dimensions(output));
  for (const { parameter } of [...parameters, ...buffers])
    refuse(`a ${lastPart(parameter.name)}`, parameter.shape);
}

const lastPart = (name: string) => name.slice(name.lastIndexOf('.') + 1);

function createLayer(options: LayerOptions, context: LayerContext<InputShape>): Layer {
  if (options.type === 'embedding') return embedding(options, context);
  const { input } = context;
  if (input.kind === 'tokens') {
    throw new LayerError(
      `${options.type} works on numbers that mean an amount, but gets ${nameShape(input)}`,
      `Put { type: embedding, num_embeddings: ${input.vocabulary}, embedding_dim: 32 } before it.`,
    );
  }
  return createOther(options, { ...context, input });
}

/** Of layers that take what other layers give. */
function createOther(options: Exclude<LayerOptions, EmbeddingOptions>, context: LayerContext<Shape>): Layer {
  switch (options.type) {
    case 'conv2d':
      return conv2d(options, context);
    case 'max_pool2d':
      return maxPool2d(options, context);
    case 'avg_pool2d':
      return avgPool2d(options, context);
    case 'adaptive_avg_pool2d':
      return adaptiveAvgPool2d(options, context);
    case 'flatten':
      return flatten(options, context);
    case 'linear':
      return linear(options, context);
    case 'relu':
    case 'leaky_relu':
    case 'elu':
    case 'gelu':
    case 'silu':
    case 'sigmoid':
    case 'tanh':
      return activation(options, context);
    case 'softmax':
    case 'log_softmax':
      return softmax(options, context);
    case 'dropout':
      return dropout(options, context);
    case 'batch_norm1d':
    case 'batch_norm2d':
      return batchNorm(options, context);
    case 'layer_norm':
      return layerNorm(options, context);
    case 'residual':
      return residual(
        context,
        (branch, input) => nested(options, branch, { ...context, input }),
        options.projection !== null,
      );
    case 'gru':
    case 'lstm':
      return recurrent(options, context);
  }
}

function nested(
  options: ResidualOptions,
  branch: 'layers' | 'projection',
  context: LayerContext,
): NamedLayer[] {
  try {
    return createLayers(options[branch] ?? [], { ...context, name: `${context.name}.${branch}` });
  } catch (error) {
    if (error instanceof LayerError) error.way.unshift(branch);
    throw error;
  }
}
