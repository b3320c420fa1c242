import { z } from 'zod';
import { nonNegativeInt, optional, positiveInt } from '../fields.js';
import { shares } from './split.js';

export const text = z.strictObject({
  type: z.literal('text'),
  path: optional(z.string().min(1)).describe(
    'A text file, in UTF-8. Default: a text is generated that can be told only with a memory.',
  ),
  size: positiveInt.max(10_000_000).default(50_000).describe('How many characters to generate.'),
  seed: nonNegativeInt.default(0).describe('Seed of the generated text, apart from the seed of the run.'),
  level: z
    .enum(['char', 'byte'])
    .default('char')
    .describe(
      'char: characters, numbered as the training part has them; byte: bytes of any file, 256 of them.',
    ),
  context: positiveInt
    .max(4096)
    .default(64)
    .describe('How many of them the model sees to tell the next one.'),
  positions: z
    .enum(['last', 'all'])
    .default('last')
    .describe(
      'What is to be told: last: the one after all that the model sees; all: after each of them the next one, for recurrent layers with output: all.',
    ),
  stride: optional(positiveInt).describe(
    'How many further on the next sample begins. Default: 1; with positions: all as many as the model sees, so that each is told once.',
  ),
  split: z
    .strictObject(shares)
    .prefault({})
    .describe(
      'Shares of the text: its last part is for the end, the one before chooses, the rest is trained on.',
    ),
});

export const custom = z.strictObject({
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
  has_test: z.boolean().default(false).describe('Whether there are samples that are left for the end.'),
});
