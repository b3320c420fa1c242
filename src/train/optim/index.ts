import type { Parameter } from '../model/parameter.js';
import { Adam, type AdamOptions } from './adam.js';
import type { Optimizer } from './optimizer.js';
import { Rmsprop, type RmspropOptions } from './rmsprop.js';
import { Sgd, type SgdOptions } from './sgd.js';

export type OptimizerOptions = SgdOptions | AdamOptions | RmspropOptions;

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
    case 'rmsprop':
      return new Rmsprop(parameters, options);
  }
}
