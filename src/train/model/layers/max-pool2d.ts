import { maxPool2d as pool } from '../../backend/kernels/max-pool2d.js';
import type { Layer, LayerContext } from '../layer.js';
import { needImage, type PoolOptions, poolWindow } from './window.js';

export interface MaxPool2dOptions extends PoolOptions {
  readonly type: 'max_pool2d';
}

/**
 * The maximum of each window, per channel. Padded cells never win; of equal values the first gets the gradient.
 *
 *     size = floor((in + 2 padding - kernel) / stride) + 1      (ceilMode: rounded up)
 *
 * @param options kernelSize; stride, default kernelSize; padding, default 0; ceilMode, default false: whether a
 * window that reaches beyond the image counts
 * @param context input shape (channels x height x width)
 * @returns the layer; it has no parameters
 * @throws LayerError when the input is no image, or smaller than the kernel
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export function maxPool2d(options: MaxPool2dOptions, context: LayerContext): Layer {
  const input = needImage('max_pool2d', context.input);
  const { size, ...window } = poolWindow('max_pool2d', input, options);
  return {
    type: options.type,
    output: { ...input, height: size[0], width: size[1] },
    parameters: [],
    forward: (x) => pool(x, window),
  };
}
