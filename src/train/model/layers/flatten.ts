import { tensorflow } from '../../engine/tensorflow.js';
import type { Layer, LayerContext } from '../layer.js';

export interface FlattenOptions {
  readonly type: 'flatten';
}

/**
 * Image to vector. PyTorch's order is channel, row, column; the engine keeps its own (row, column, channel) and
 * says so in the output shape, so that the next layer permutes its weights instead of every batch.
 *
 * @param options none
 * @param context input shape
 * @returns the layer; it has no parameters
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export function flatten(options: FlattenOptions, { input }: LayerContext): Layer {
  if (input.kind === 'features') {
    return { type: options.type, output: input, parameters: [], forward: (x) => x };
  }
  const features = input.channels * input.height * input.width;
  return {
    type: options.type,
    output: { kind: 'features', features, flattened: input },
    parameters: [],
    forward: (x) => tensorflow().reshape(x, [x.shape[0]!, features]),
  };
}
