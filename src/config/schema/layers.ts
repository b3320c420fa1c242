import { z } from 'zod';
import { padding2d, positiveInt, probability, size2d } from './fields.js';

const bias = z.boolean().default(true).describe('Add a learned value to each output.');

const conv2d = z
  .strictObject({
    type: z.literal('conv2d'),
    out_channels: positiveInt.describe('Number of filters.'),
    kernel_size: size2d.describe('Height and width of a filter.'),
    stride: size2d.default(1).describe('Pixels from one position of the filters to the next.'),
    padding: padding2d.default(0).describe('Zeroes added on each side.'),
    bias,
  })
  .describe('2d convolution (torch.nn.Conv2d); input channels are inferred.');

const maxPool2d = z
  .strictObject({
    type: z.literal('max_pool2d'),
    kernel_size: size2d.describe('Height and width of a window.'),
    stride: size2d
      .nullable()
      .default(null)
      .describe('Pixels from one window to the next. Default: kernel_size.'),
  })
  .describe('Maximum over windows (torch.nn.MaxPool2d).');

const flatten = z
  .strictObject({ type: z.literal('flatten') })
  .describe('Image to vector, in the order channel, row, column (torch.nn.Flatten).');

const linear = z
  .strictObject({
    type: z.literal('linear'),
    out_features: positiveInt.describe('Number of outputs.'),
    bias,
  })
  .describe('Fully connected layer (torch.nn.Linear); input features are inferred.');

const relu = z.strictObject({ type: z.literal('relu') }).describe('max(x, 0) (torch.nn.ReLU).');

const dropout = z
  .strictObject({
    type: z.literal('dropout'),
    p: probability.default(0.5).describe('Probability that an element is zeroed.'),
  })
  .describe(
    'In training, zeroes elements with probability p and scales the rest by 1/(1-p) (torch.nn.Dropout).',
  );

export const layerSchema = z.discriminatedUnion('type', [conv2d, maxPool2d, flatten, linear, relu, dropout]);

export const modelSchema = z
  .array(layerSchema)
  .min(1)
  .describe('The layers, first to last: a torch.nn.Sequential.');
