import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.js';
import type { LossFunction } from './loss.js';

export type { LossFunction } from './loss.js';

export type LossOptions = CrossEntropyOptions;

/**
 * @param options the loss's kind and arguments
 * @returns the loss as a function of logits and targets
 */
export function createLoss(options: LossOptions): LossFunction {
  switch (options.type) {
    case 'cross_entropy':
      return crossEntropy(options);
  }
}
