import { z } from 'zod';

/** Field kinds that several blocks share, so that each limit and its wording stands once. */

export const positiveInt = z.int().min(1);
export const nonNegativeInt = z.int().min(0);
export const positive = z.number().positive();
export const nonNegative = z.number().min(0);
/** A probability of dropping, and the like: 1 is allowed, as in PyTorch. */
export const probability = z.number().min(0).max(1);
/** A decay rate of a running average: 1 would never forget its start. */
export const decayRate = z.number().min(0).lt(1);

/** The title is how an error names the list. */
const heightAndWidth = <T extends z.ZodType>(each: T) =>
  z.tuple([each, each]).meta({ title: '[height, width]' });

/** Larger than any picture; TensorFlow's own limit on a size is 2^31. */
const LARGEST = 1_000_000;
const windowSize = positiveInt.max(LARGEST);
const windowPadding = nonNegativeInt.max(LARGEST);

/** One number for both directions, or `[height, width]`. */
export const size2d = z.union([windowSize, heightAndWidth(windowSize)]);
export const padding2d = z.union([windowPadding, heightAndWidth(windowPadding)]);

const LAYERS_FORM = 'positions such as 0-3, or a layer within another such as 4.layers.1';

/** Layers by the numbers that parameter names have. */
export const layerSelectors = z.array(
  z.union([
    nonNegativeInt,
    z
      .string()
      .regex(/^\d+(-\d+|(\.\w+)*)$/, LAYERS_FORM)
      .meta({ title: LAYERS_FORM }),
  ]),
);

/** A key whose value `null` means that it is switched off. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullable().default(null);

/** Of data sets that have numbers for features. */
export const standardize = z
  .union([z.boolean(), z.literal('features')])
  .default(true)
  .describe('Make (x - mean) / std of numbers: of features and real targets, of features alone, or of none.');
