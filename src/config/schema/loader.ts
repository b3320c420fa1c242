import { z } from 'zod';
import { optional, positive, positiveInt, probability } from './fields.js';

export const loaderSchema = z
  .strictObject({
    batch_size: positiveInt.default(64).describe('Samples per batch.'),
    shuffle: z
      .boolean()
      .default(true)
      .describe('Visit the training samples in a new random order each epoch.'),
    drop_last: z.boolean().default(false).describe('Leave out the last batch of an epoch when it is short.'),
    limit: optional(positiveInt).describe('Train on the first so many samples only.'),
    sampler: z
      .enum(['balanced'])
      .nullable()
      .default(null)
      .describe('balanced: draw samples with replacement, each class as often; null: each sample once.'),
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
