import type { Layer, LayerContext } from '../layer.js';
import { type Conv2dOptions, conv2d } from './conv2d.js';
import { type DropoutOptions, dropout } from './dropout.js';
import { type FlattenOptions, flatten } from './flatten.js';
import { type LinearOptions, linear } from './linear.js';
import { type MaxPool2dOptions, maxPool2d } from './max-pool2d.js';
import { type ReluOptions, relu } from './relu.js';

export type LayerOptions =
  | Conv2dOptions
  | MaxPool2dOptions
  | FlattenOptions
  | LinearOptions
  | ReluOptions
  | DropoutOptions;

/**
 * Makes one layer for the shape it will see.
 *
 * @param options the layer's kind and arguments
 * @param context its name, input shape and the run's seed
 * @returns the layer, its parameters still without values
 * @throws LayerError when the layer cannot work on that shape
 */
export function createLayer(options: LayerOptions, context: LayerContext): Layer {
  switch (options.type) {
    case 'conv2d':
      return conv2d(options, context);
    case 'max_pool2d':
      return maxPool2d(options, context);
    case 'flatten':
      return flatten(options, context);
    case 'linear':
      return linear(options, context);
    case 'relu':
      return relu(options, context);
    case 'dropout':
      return dropout(options, context);
  }
}
