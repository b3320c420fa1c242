import { type BceWithLogitsOptions, bceWithLogits } from './bce-with-logits.js';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.js';
import { type HuberOptions, huber } from './huber.js';
import { type KlDivOptions, klDiv } from './kl-div.js';
import { type L1Options, l1 } from './l1.js';
import type { ClassLoss, LossFunction, Probabilities, ValueLoss } from './loss.js';
import { type MseOptions, mse } from './mse.js';
import { type NllOptions, nll } from './nll.js';
import { type SmoothL1Options, smoothL1 } from './smooth-l1.js';

export type {
  ClassLoss,
  Encoding,
  LossFormula,
  LossFunction,
  Probabilities,
  Reduction,
  Targets,
  ValueLoss,
} from './loss.js';

export type LossOptions =
  | CrossEntropyOptions
  | NllOptions
  | MseOptions
  | L1Options
  | SmoothL1Options
  | HuberOptions
  | BceWithLogitsOptions
  | KlDivOptions;

/** Losses that compare outputs with any real values. The others are for classes, whatever they take. */
export const VALUE_LOSSES: readonly LossOptions['type'][] = ['mse', 'l1', 'smooth_l1', 'huber'];

/**
 * @param options the loss's kind and arguments
 * @returns the loss as a function of the model's outputs and the targets
 */
export function createLoss(options: LossOptions): LossFunction {
  return { ...ofKind(options), probabilities: probabilitiesOf(options.type) };
}

/**
 * @param type the kind of a loss
 * @returns how it makes probabilities of outputs; null: it makes none
 */
export function probabilitiesOf(type: LossOptions['type']): Probabilities | null {
  switch (type) {
    case 'cross_entropy':
    case 'nll':
    case 'kl_div':
      return 'softmax';
    case 'bce_with_logits':
      return 'sigmoids';
    case 'mse':
    case 'l1':
    case 'smooth_l1':
    case 'huber':
      return null;
  }
}

function ofKind(options: LossOptions): ClassLoss | ValueLoss {
  switch (options.type) {
    case 'cross_entropy':
      return crossEntropy(options);
    case 'nll':
      return nll(options);
    case 'mse':
      return mse(options);
    case 'l1':
      return l1(options);
    case 'smooth_l1':
      return smoothL1(options);
    case 'huber':
      return huber(options);
    case 'bce_with_logits':
      return bceWithLogits(options);
    case 'kl_div':
      return klDiv(options);
  }
}
