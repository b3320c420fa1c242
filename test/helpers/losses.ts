import type { CrossEntropyOptions } from '../../src/train/loss/cross-entropy.js';

/** `cross_entropy` with every default, as a configuration gives it. */
export const CROSS_ENTROPY: CrossEntropyOptions = {
  type: 'cross_entropy',
  weight: null,
  ignoreIndex: -100,
  labelSmoothing: 0,
  reduction: 'mean',
};
