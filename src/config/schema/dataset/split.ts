import { z } from 'zod';
import { nonNegativeInt, optional } from '../fields.js';

const share = z.number().min(0).lt(1);

/** What every split has. */
const splitting = {
  seed: nonNegativeInt.default(0).describe('Apart from the seed of the run.'),
  stratify: z.boolean().default(false).describe('With random: the same share of each class.'),
};

/** By a hash of what a sample is, or by lot. */
export const byHashOrLot = (hash: string, shared = 'these shares') =>
  z.enum(['hash', 'random']).default('hash').describe(`hash: ${hash}; random: by lot, in exactly ${shared}.`);

/** Of data sets that have a test part of their own. */
export const holdOut = optional(
  z.strictObject({
    val: share.gt(0).default(0.1).describe('Share of the training part that is held out.'),
    by: byHashOrLot('by the bytes of an image', 'this share'),
    ...splitting,
  }),
).describe(
  'Hold a part out of what is trained on to choose the best epoch with; eval_split is then left for the end. Default: the best epoch is chosen on eval_split.',
);

/** Of data of one's own. */
export const shares = {
  val: share.gt(0).default(0.1).describe('Share that chooses the best epoch, and that schedules look at.'),
  test: share.default(0.1).describe('Share that is looked at once, at the end; 0: none.'),
};

/** Of data of one's own whose samples stand each for itself: by what they are shared out differs. */
export const ownSplit = <By extends z.ZodRawShape>(by: By) =>
  z.strictObject({ ...shares, ...by, ...splitting });
