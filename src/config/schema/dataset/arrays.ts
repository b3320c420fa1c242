import { z } from 'zod';
import { optional, standardize } from '../fields.js';
import { byHashOrLot, ownSplit } from './split.js';

const filePath = z.string().min(1);

/** Of arrays that are not trained on. */
const otherArrays = (purpose: string) =>
  optional(
    z.union([
      filePath,
      z.strictObject({
        path: optional(filePath).describe('Default: dataset.path.'),
        inputs: optional(z.string().min(1)).describe('Default, in a file of its own: the same name.'),
        targets: optional(z.string().min(1)).describe('Likewise.'),
      }),
    ]),
  ).describe(purpose);

export const arrays = z.strictObject({
  type: z.literal('arrays'),
  path: optional(filePath).describe(
    'An .npz or safetensors file that holds inputs and targets; null: they are .npy files.',
  ),
  inputs: optional(z.string().min(1)).describe(
    'The name of the array in path, or an .npy file. Default: inputs, or what is usual, such as x.',
  ),
  targets: optional(z.string().min(1)).describe(
    'The name of the array in path, or an .npy file. Default: targets, or what is usual, such as y.',
  ),
  eval: otherArrays(
    'Arrays of their own to choose the best epoch with: a file with the same names, or { path, inputs, targets }.',
  ),
  test: otherArrays('Arrays of their own for the end, likewise.'),
  target_type: optional(z.enum(['class', 'number'])).describe('What targets are. Default: as they look.'),
  classes: z.array(z.string()).default([]).describe('Names of the classes, in the order of their numbers.'),
  values: z.array(z.string()).default([]).describe('Names of the real values.'),
  image_order: optional(z.enum(['channels_last', 'channels_first'])).describe(
    'Where the channels of images are; PyTorch has them first. Default: on the end that is 1 or 3.',
  ),
  flatten: z
    .boolean()
    .default(false)
    .describe('Take all values of a sample as features, whatever its shape.'),
  standardize,
  split: ownSplit({ by: byHashOrLot('by the values of a sample, so that further ones move none') })
    .prefault({})
    .describe('Which samples are trained on, unless eval and test name other arrays.'),
});
