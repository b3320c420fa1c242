import { type Tensor, tensorflow } from '../../engine/tensorflow.js';
import { type Layer, type LayerContext, LayerError } from '../layer.js';
import { describeShape } from '../shape.js';
import { outputSize, pair, type Size2d } from './window.js';

export interface MaxPool2dOptions {
  readonly type: 'max_pool2d';
  readonly kernelSize: Size2d;
  /** null: kernelSize */
  readonly stride: Size2d | null;
}

/**
 * The maximum of each window, per channel.
 *
 * @param options kernelSize; stride, default kernelSize
 * @param context input shape (channels x height x width)
 * @returns the layer; it has no parameters
 * @throws LayerError when the input is no image, or smaller than the kernel
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export function maxPool2d(options: MaxPool2dOptions, { input }: LayerContext): Layer {
  if (input.kind !== 'image') {
    throw new LayerError(
      `max_pool2d needs an image (channels x height x width) but gets ${describeShape(input)} features`,
      'Move it before flatten.',
    );
  }
  const kernel = pair(options.kernelSize);
  const stride = pair(options.stride ?? options.kernelSize);
  const [height, width] = outputSize('max_pool2d', input, kernel, { stride, padding: [0, 0] });
  return {
    type: options.type,
    output: { kind: 'image', channels: input.channels, height, width },
    parameters: [],
    forward: (x: Tensor) => tensorflow().maxPool(x as never, [...kernel], [...stride], 'valid'),
  };
}
