import { z } from 'zod';
import { optional, positive, positiveInt } from '../fields.js';
import { byHashOrLot, ownSplit } from './split.js';

const byte = z.int().min(0).max(255);
const pictureSide = positiveInt.max(4096);

export const imageFolder = z.strictObject({
  type: z.literal('image_folder'),
  root: z
    .string()
    .min(1)
    .describe(
      'Folder that holds a folder of pictures for each class, or train/, val/ and test/ that hold these.',
    ),
  labels: optional(z.string().min(1)).describe(
    'A table with the columns path and label, in the place of class folders; paths count from root.',
  ),
  image_size: z
    .union([pictureSide, z.tuple([pictureSide, pictureSide]).meta({ title: '[height, width]' })])
    .default(64)
    .describe('Height and width of what the model sees: a number for both, or [height, width].'),
  resize: z
    .enum(['cover', 'contain', 'stretch'])
    .default('cover')
    .describe(
      'cover: cut off what is too long; contain: all of it, with a border; stretch: in another shape.',
    ),
  channels: z.literal([1, 3]).default(3).describe('1: shades of grey; 3: red, green and blue.'),
  background: z
    .union([byte, z.tuple([byte, byte, byte]).meta({ title: '[red, green, blue]' })])
    .default(0)
    .describe(
      'What shows through what is transparent, and the border of contain: a grey from 0 to 255, or three numbers.',
    ),
  decode: z
    .enum(['exact', 'fast'])
    .default('fast')
    .describe(
      'fast: a JPEG of more than a million pixels is decoded smaller, yet at least twice as large as wanted; exact: whole.',
    ),
  on_error: z
    .enum(['fail', 'skip'])
    .default('fail')
    .describe('What to do about pictures that cannot be decoded: stop and list them, or leave them out.'),
  split: ownSplit({ by: byHashOrLot('by what is in a file, so that further pictures move none') })
    .prefault({})
    .describe('Which pictures are trained on, unless there are folders val and test.'),
  cache: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Keep decoded pictures for the next run.'),
      max_gb: positive
        .default(10)
        .describe('What those of all data sets may take; what was used longest ago goes first.'),
    })
    .prefault({})
    .describe('Decoded pictures on the disk, in the folder pictures of LOSSNET_CACHE.'),
});
