import type { Parameter } from '../model/parameter.js';
import { Adadelta, type AdadeltaOptions } from './adadelta.js';
import { Adagrad, type AdagradOptions } from './adagrad.js';
import { Adam, type AdamOptions, type AdamwOptions } from './adam.js';
import { Adamax, type AdamaxOptions } from './adamax.js';
import { Nadam, type NadamOptions } from './nadam.js';
import type { Optimizer } from './optimizer.js';
import { Rmsprop, type RmspropOptions } from './rmsprop.js';
import { Sgd, type SgdOptions } from './sgd.js';

export type OptimizerOptions =
  | SgdOptions
  | AdamOptions
  | AdamwOptions
  | NadamOptions
  | RmspropOptions
  | AdagradOptions
  | AdadeltaOptions
  | AdamaxOptions;

/**
 * @param options the optimizer's kind and arguments
 * @param parameters what it trains
 * @returns the optimizer, its state still empty
 */
export function createOptimizer(options: OptimizerOptions, parameters: readonly Parameter[]): Optimizer {
  switch (options.type) {
    case 'sgd':
      return new Sgd(parameters, options);
    case 'adam':
    case 'adamw':
      return new Adam(parameters, options);
    case 'nadam':
      return new Nadam(parameters, options);
    case 'rmsprop':
      return new Rmsprop(parameters, options);
    case 'adagrad':
      return new Adagrad(parameters, options);
    case 'adadelta':
      return new Adadelta(parameters, options);
    case 'adamax':
      return new Adamax(parameters, options);
  }
}

/**
 * For a schedule that changes the momentum: what the optimizer has to be made with.
 *
 * @param options the optimizer's kind and arguments
 * @param momentum the momentum of the first step, above 0
 * @returns the options with that momentum (beta1, for those that have betas); null for kinds that have none, and for
 * nadam, whose formula takes beta1 to be the same at every step
 */
export function withMomentum(options: OptimizerOptions, momentum: number): OptimizerOptions | null {
  switch (options.type) {
    case 'sgd':
    case 'rmsprop':
      return { ...options, momentum };
    case 'adam':
    case 'adamw':
    case 'adamax':
      return { ...options, betas: [momentum, options.betas[1]] };
    case 'nadam':
    case 'adagrad':
    case 'adadelta':
      return null;
  }
}
