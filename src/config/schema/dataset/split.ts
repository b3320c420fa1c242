import { z } from 'zod';
import { nonNegativeInt, optional } from '../fields.js';

const share = z.number().min(0).lt(1);

/** What every split has. */
export const splitting = {
  seed: nonNegativeInt.default(0).describe('Apart from the seed of the run.'),
  stratify: z.boolean().default(false).describe('With random: the same share of each class.'),
};

/** Of data sets that have a test part of their own. */
export const holdOut = optional(
  z.strictObject({
    val: share.gt(0).default(0.1).describe('Share of the training part that is held out.'),
    by: z
      .enum(['hash', 'random'])
      .default('hash')
      .describe('hash: by the bytes of an image; random: by lot, in exactly this share.'),
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
