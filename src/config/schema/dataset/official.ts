import { z } from 'zod';
import { DEFAULT_ROOT } from '../../../train/data/dataset.js';
import { nonNegativeInt, positiveInt } from '../fields.js';
import { holdOut } from './split.js';

const split = z.enum(['train', 'test']);

/** Of data sets that are looked for, and downloaded where they are not there. */
const files = (folder: string) => ({
  root: z
    .string()
    .min(1)
    .default(DEFAULT_ROOT)
    .describe(`Folder that holds ${folder}. Default: $LOSSNET_DATA when that is set.`),
  train_split: split.default('train').describe('The split to train on.'),
  eval_split: split.default('test').describe('The split to evaluate on.'),
  split: holdOut,
  download: z.boolean().default(true).describe('Download the official files when root does not hold them.'),
});

export const cifar10 = z.strictObject({
  type: z.literal('cifar10'),
  ...files('cifar-10-batches-bin/'),
  if_unavailable: z
    .enum(['error', 'shapes'])
    .default('error')
    .describe('What to do when the images can be neither found nor downloaded: stop, or train on shapes.'),
});

export const cifar100 = z.strictObject({
  type: z.literal('cifar100'),
  ...files('cifar-100-binary/'),
  labels: z
    .enum(['fine', 'coarse'])
    .default('fine')
    .describe('The hundred classes, or the twenty that they are grouped in.'),
});

export const mnist = z.strictObject({ type: z.literal('mnist'), ...files('mnist/ or MNIST/raw/') });

export const fashionMnist = z.strictObject({
  type: z.literal('fashion_mnist'),
  ...files('fashion-mnist/ or FashionMNIST/raw/'),
});

export const shapes = z.strictObject({
  type: z.literal('shapes'),
  train_size: positiveInt.max(1_000_000).default(5_000).describe('Number of training images to generate.'),
  eval_size: positiveInt.max(1_000_000).default(1_000).describe('Number of evaluation images to generate.'),
  seed: nonNegativeInt.default(0).describe('Seed of the images, apart from the seed of the run.'),
  split: holdOut,
});
