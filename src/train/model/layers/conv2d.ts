import { biasAdd } from '../../backend/kernels/bias-add.js';
import { conv2d as convolve } from '../../backend/kernels/conv2d.js';
import type { Conv2dWindow, Padding2d } from '../../backend/kernels/window.js';
import { uniformFanIn } from '../init/index.js';
import { type Layer, type LayerContext, LayerError } from '../layer.js';
import { type LayerInit, weightAndBias } from './weights.js';
import { evenPadding, needImage, outputSize, pair, type Size2d } from './window.js';

/** [height, width] */
type Size = readonly [number, number];

export interface Conv2dOptions {
  readonly type: 'conv2d';
  readonly outChannels: number;
  readonly kernelSize: Size2d;
  readonly stride: Size2d;
  readonly padding: Size2d | 'same' | 'valid';
  readonly dilation: Size2d;
  readonly groups: number;
  readonly bias: boolean;
  readonly init: LayerInit;
}

/**
 * 2d convolution (cross-correlation, as everywhere in deep learning) plus bias.
 *
 *     out[o] = bias[o] + sum over i of weight[o, i] * x[i]
 *     size = floor((in + 2 padding - dilation (kernel - 1) - 1) / stride) + 1
 *
 * With groups, output channels see the input channels of their own group alone.
 *
 * @param options outChannels; kernelSize; stride, default 1; padding, default 0, `same` for as large an output as
 * input (an odd cell goes to the bottom and right, as in PyTorch), `valid` for 0; dilation, default 1; groups,
 * default 1; bias, default true; sizes are one number or [height, width]
 * @param context name and input shape (channels x height x width)
 * @returns the layer; `weight` is [out, in / groups, kernel height, kernel width], `bias` [out]
 * @throws LayerError when the input is no image, or smaller than the kernel, or groups do not divide the channels
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export function conv2d(options: Conv2dOptions, context: LayerContext): Layer {
  const input = needImage('conv2d', context.input);
  const { outChannels, groups } = options;
  const indivisible = [input.channels, outChannels].find((channels) => channels % groups !== 0);
  if (indivisible !== undefined) {
    throw new LayerError(
      `conv2d cannot split ${indivisible} channels into ${groups} groups (${input.channels} in, ${outChannels} out)`,
      'Choose groups that divide both the input channels and out_channels.',
    );
  }
  const kernel = pair(options.kernelSize);
  const { extent, ...window } = conv2dWindow(options);
  const [height, width] = outputSize('conv2d', input, extent, window);
  const perGroup = input.channels / groups;
  const weightTensor = {
    shape: [outChannels, perGroup, ...kernel],
    layout: {
      view: [outChannels, perGroup, ...kernel],
      permutation: [2, 3, 1, 0],
      shape: [...kernel, perGroup, outChannels],
    },
  };
  const fallback = uniformFanIn(perGroup * kernel[0] * kernel[1]);
  const { weight, bias, parameters } = weightAndBias(context, weightTensor, fallback, options);
  return {
    type: options.type,
    output: { kind: 'image', channels: outChannels, height, width },
    parameters,
    forward: (x) => {
      const y = convolve(x, weight.data, window);
      return bias ? biasAdd(y, bias.data) : y;
    },
  };
}

/**
 * How a convolution's kernel slides, whatever the image.
 *
 * @param options of the layer
 * @returns stride, padding, dilation and groups, and how far the kernel reaches with its holes, [height, width]
 * @throws LayerError for the padding `same` with a stride
 */
export function conv2dWindow(options: Conv2dOptions): Conv2dWindow & { readonly extent: Size } {
  const [kernel, dilation, stride] = [options.kernelSize, options.dilation, options.stride].map(pair) as [
    ...[Size, Size, Size],
  ];
  const extent: Size = [dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1];
  const { groups } = options;
  return { stride, padding: paddingOf(options.padding, extent, stride), dilation, groups, extent };
}

function paddingOf(padding: Conv2dOptions['padding'], extent: Size, stride: Size): Padding2d {
  if (padding === 'valid') return evenPadding(0);
  if (padding !== 'same') return evenPadding(padding);
  if (stride[0] !== 1 || stride[1] !== 1) {
    throw new LayerError(
      `conv2d with padding same needs stride 1; received ${stride.join(' x ')}`,
      'Give the padding as a number: half the kernel_size, rounded down, is usual.',
    );
  }
  const side = (length: number) => [Math.floor((length - 1) / 2), Math.ceil((length - 1) / 2)] as const;
  return [side(extent[0]), side(extent[1])];
}
