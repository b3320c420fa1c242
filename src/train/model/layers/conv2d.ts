import { biasAdd, conv2d as convolve } from '../../engine/differentiable.js';
import { type Layer, type LayerContext, LayerError, weightAndBias } from '../layer.js';
import { describeShape } from '../shape.js';
import { outputSize, pair, type Size2d } from './window.js';

export interface Conv2dOptions {
  readonly type: 'conv2d';
  readonly outChannels: number;
  readonly kernelSize: Size2d;
  readonly stride: Size2d;
  readonly padding: Size2d;
  readonly bias: boolean;
}

/**
 * 2d convolution (cross-correlation, as everywhere in deep learning) plus bias.
 *
 *     out[o] = bias[o] + sum over i of weight[o, i] * x[i],   size = floor((in + 2 padding - kernel) / stride) + 1
 *
 * @param options outChannels; kernelSize, stride, padding as one number or [height, width]; bias
 * @param context name and input shape (channels x height x width)
 * @returns the layer; `weight` is [out, in, kernel height, kernel width], `bias` [out]
 * @throws LayerError when the input is no image, or smaller than the kernel
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export function conv2d(options: Conv2dOptions, { name, input }: LayerContext): Layer {
  if (input.kind !== 'image') {
    throw new LayerError(
      `conv2d needs an image (channels x height x width) but gets ${describeShape(input)} features`,
      'Move it before flatten.',
    );
  }
  const kernel = pair(options.kernelSize);
  const window = { stride: pair(options.stride), padding: pair(options.padding) };
  const [height, width] = outputSize('conv2d', input, kernel, window);
  const shape = [options.outChannels, input.channels, ...kernel];
  const layout = {
    view: shape,
    permutation: [2, 3, 1, 0],
    shape: [...kernel, input.channels, options.outChannels],
  };
  const fanIn = input.channels * kernel[0] * kernel[1];
  const { weight, bias, parameters } = weightAndBias(name, { shape, layout }, fanIn, options.bias);
  return {
    type: options.type,
    output: { kind: 'image', channels: options.outChannels, height, width },
    parameters,
    forward: (x) => {
      const y = convolve(x, weight.data, window);
      return bias ? biasAdd(y, bias.data) : y;
    },
  };
}
