import { z } from 'zod';
import { optional, padding2d, positiveInt, size2d } from './fields.js';
import { layerInit } from './initializers.js';

export const bias = z.boolean().default(true).describe('Add a learned value to each output.');
const poolStride = optional(size2d).describe('Pixels from one window to the next. Default: kernel_size.');
const poolPadding = (what: string) => padding2d.default(0).describe(what);
const kernelSize = size2d.describe('Height and width of a window.');
const ceilMode = z
  .boolean()
  .default(false)
  .describe('Count a last window that reaches beyond the image: sizes are rounded up.');

export const conv2d = z
  .strictObject({
    type: z.literal('conv2d'),
    out_channels: positiveInt.describe('Number of filters.'),
    kernel_size: size2d.describe('Height and width of a filter.'),
    stride: size2d.default(1).describe('Pixels from one position of the filters to the next.'),
    padding: z
      .union([...padding2d.options, z.enum(['same', 'valid'])])
      .default(0)
      .describe('Zeroes added on each side; same: as many as keep the size, valid: none.'),
    dilation: size2d.default(1).describe("Distance between a filter's neighbouring values."),
    groups: positiveInt
      .default(1)
      .describe('Split channels into so many groups that do not see each other; in_channels: depthwise.'),
    bias,
    init: layerInit,
  })
  .describe('2d convolution (torch.nn.Conv2d); input channels are inferred.');

export const maxPool2d = z
  .strictObject({
    type: z.literal('max_pool2d'),
    kernel_size: kernelSize,
    stride: poolStride,
    padding: poolPadding('Cells added on each side, which never win.'),
    ceil_mode: ceilMode,
  })
  .describe('Maximum over windows (torch.nn.MaxPool2d).');

export const avgPool2d = z
  .strictObject({
    type: z.literal('avg_pool2d'),
    kernel_size: kernelSize,
    stride: poolStride,
    padding: poolPadding('Zeroes added on each side.'),
    ceil_mode: ceilMode,
    count_include_pad: z.boolean().default(true).describe('Count padded cells in the mean.'),
    divisor_override: optional(positiveInt).describe('Divide by this instead of the number of cells.'),
  })
  .describe('Mean over windows (torch.nn.AvgPool2d).');

const outputLength = positiveInt.nullable();
export const adaptiveAvgPool2d = z
  .strictObject({
    type: z.literal('adaptive_avg_pool2d'),
    output_size: z
      .union([positiveInt, z.tuple([outputLength, outputLength]).meta({ title: '[height, width]' })])
      .describe("Height and width of the output; null: the input's."),
  })
  .describe(
    'Mean over as many windows as the output has cells; 1: of the whole image (torch.nn.AdaptiveAvgPool2d).',
  );
