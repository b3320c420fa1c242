import { tensorflow } from '../../engine/tensorflow.js';
import type { Layer, LayerContext } from '../layer.js';

export interface ReluOptions {
  readonly type: 'relu';
}

/**
 * Rectified linear unit.
 *
 *     y = max(x, 0),   dy/dx = 1 where x > 0, else 0
 *
 * @param options none
 * @param context input shape
 * @returns the layer; it has no parameters
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 */
export function relu(options: ReluOptions, { input }: LayerContext): Layer {
  return { type: options.type, output: input, parameters: [], forward: (x) => tensorflow().relu(x) };
}
