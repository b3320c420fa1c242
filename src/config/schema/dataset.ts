import { z } from 'zod';
import { nonNegativeInt, optional, positive, positiveInt, probability } from './fields.js';

const split = z.enum(['train', 'test']);

/** Of data sets that are looked for, and downloaded where they are not there. */
const files = (folder: string) => ({
  root: z
    .string()
    .min(1)
    .default('data')
    .describe(`Folder that holds ${folder}. Default: $LOSSNET_DATA when that is set.`),
  train_split: split.default('train').describe('The split to train on.'),
  eval_split: split.default('test').describe('The split to evaluate on.'),
  download: z.boolean().default(true).describe('Download the official files when root does not hold them.'),
});

const cifar10 = z.strictObject({
  type: z.literal('cifar10'),
  ...files('cifar-10-batches-bin/'),
  if_unavailable: z
    .enum(['error', 'shapes'])
    .default('error')
    .describe('What to do when the images can be neither found nor downloaded: stop, or train on shapes.'),
});

const cifar100 = z.strictObject({
  type: z.literal('cifar100'),
  ...files('cifar-100-binary/'),
  labels: z
    .enum(['fine', 'coarse'])
    .default('fine')
    .describe('The hundred classes, or the twenty that they are grouped in.'),
});

const mnist = z.strictObject({ type: z.literal('mnist'), ...files('mnist/ or MNIST/raw/') });

const fashionMnist = z.strictObject({
  type: z.literal('fashion_mnist'),
  ...files('fashion-mnist/ or FashionMNIST/raw/'),
});

const shapes = z.strictObject({
  type: z.literal('shapes'),
  train_size: positiveInt.max(1_000_000).default(5_000).describe('Number of training images to generate.'),
  eval_size: positiveInt.max(1_000_000).default(1_000).describe('Number of evaluation images to generate.'),
  seed: nonNegativeInt.default(0).describe('Seed of the images, apart from the seed of the run.'),
});

const custom = z.strictObject({
  type: z.literal('custom'),
  name: z.string().min(1).describe('What the program calls its data.'),
  shape: z
    .array(positiveInt)
    .min(1)
    .max(3)
    .describe('Channels, height and width of an image, or the number of features.'),
  classes: z.array(z.string()).default([]).describe('Names of the classes, in the order of their numbers.'),
  values: z
    .array(z.string())
    .default([])
    .describe('Names of the real values to tell, where there are no classes.'),
});

export const datasetSchema = z
  .discriminatedUnion('type', [cifar10, cifar100, mnist, fashionMnist, shapes, custom])
  .describe('The labelled images to train and evaluate on.');

export const loaderSchema = z
  .strictObject({
    batch_size: positiveInt.default(64).describe('Images per batch.'),
    shuffle: z
      .boolean()
      .default(true)
      .describe('Visit the training images in a new random order each epoch.'),
    drop_last: z.boolean().default(false).describe('Leave out the last batch of an epoch when it is short.'),
    limit: optional(positiveInt).describe('Train on the first so many images only.'),
  })
  .describe('How training batches are drawn.');

export const transformsSchema = z
  .strictObject({
    random_crop: optional(
      z.strictObject({ padding: positiveInt.describe('Black pixels added on each side.') }),
    ).describe('Pad each training image, then cut a random window of its own size from it.'),
    random_flip: optional(
      z.strictObject({ p: probability.default(0.5).describe('Probability that an image is mirrored.') }),
    ).describe('Mirror each training image left to right with probability p.'),
    scale: z
      .boolean()
      .default(true)
      .describe('Divide pixels by 255; false: they stay whole numbers, for an embedding.'),
    normalize: optional(
      z.strictObject({
        mean: z.array(z.number()).min(1).describe('One number for each channel.'),
        std: z.array(positive).min(1).describe('One number for each channel.'),
      }),
    ).describe('Per channel (x - mean) / std, on pixels in [0, 1], with scale false in [0, 255].'),
  })
  .describe('What happens to images on their way into a batch: crop and flip, scale, normalize.');
