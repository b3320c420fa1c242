import { z } from 'zod';
import { nonNegative, positive, positiveInt } from './fields.js';

const interval = z
  .enum(['epoch', 'step'])
  .default('epoch')
  .describe('What the schedule counts: epochs, or optimizer steps.');

const constant = z
  .strictObject({ type: z.literal('constant') })
  .describe('The learning rate stays as it is.');

const step = z
  .strictObject({
    type: z.literal('step'),
    step_size: positiveInt.describe('Intervals between two decays.'),
    gamma: positive.default(0.1).describe('Factor of each decay.'),
    interval,
  })
  .describe('Multiplies the learning rate by gamma every step_size intervals (StepLR).');

const cosine = z
  .strictObject({
    type: z.literal('cosine'),
    t_max: positiveInt.nullable().default(null).describe('Intervals until eta_min. Default: the whole run.'),
    eta_min: nonNegative.default(0).describe('The lowest learning rate.'),
    interval,
  })
  .describe('Half a cosine from lr down to eta_min (CosineAnnealingLR).');

export const scheduleSchema = z
  .discriminatedUnion('type', [constant, step, cosine])
  .describe('How the learning rate changes during the run.');
