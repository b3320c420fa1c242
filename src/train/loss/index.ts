import type { Scalar, Tensor } from '../engine/tensorflow.js';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.js';

/** From what the model says and what is right to one number, averaged over the batch. */
export type LossFunction = (logits: Tensor, targets: Tensor) => Scalar;

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
