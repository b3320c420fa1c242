import type { Parameter } from '../model/parameter.js';
import { Adadelta, type AdadeltaOptions } from './adadelta.js';
import { Adagrad, type AdagradOptions } from './adagrad.js';
import { Adam, type AdamOptions, type AdamwOptions } from './adam.js';
import { Adamax, type AdamaxOptions } from './adamax.js';
import { type GroupSelection, isInGroup } from './groups.js';
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

type Settings<O> = O extends OptimizerOptions
  ? { readonly [K in keyof Omit<O, 'type'>]?: O[K] | undefined }
  : never;

/** A group of parameters with options of its own; what it leaves out is the optimizer's. */
export type GroupOptions = GroupSelection & Settings<OptimizerOptions>;

/** What an optimizer treats in a way of its own. */
export interface Grouping {
  /** PyTorch's parameter groups, but for the one of all that no group names. Default: none. */
  readonly groups?: readonly GroupOptions[] | undefined;
  /** weights: biases and norms have no weight decay, whatever their group; default all, as in PyTorch. */
  readonly weightDecayOn?: 'all' | 'weights' | undefined;
}

const NONE: ReadonlySet<Parameter> = new Set();

/**
 * @param options the optimizer's kind and arguments, and its groups
 * @param parameters what it trains
 * @param spared those of them that have no weight decay with `weightDecayOn: weights`, see `biasesAndNorms`
 * @returns the optimizer, its state still empty
 */
export function createOptimizer(
  options: OptimizerOptions & Grouping,
  parameters: readonly Parameter[],
  spared: ReadonlySet<Parameter> = NONE,
): Optimizer {
  const { groups = [], weightDecayOn = 'all' } = options;
  const isSpared = (parameter: Parameter) => weightDecayOn === 'weights' && spared.has(parameter);
  const indexOf = ({ name }: Parameter) => 1 + groups.findIndex((group) => isInGroup(group, name));
  const parts = [options, ...groups.map((group) => ({ ...options, ...group }) as OptimizerOptions)].flatMap(
    (own, index) => {
      const all = parameters.filter((parameter) => indexOf(parameter) === index);
      const decayed = all.filter((parameter) => !isSpared(parameter));
      const others = all.filter(isSpared);
      const main = { index, optimizer: makeOptimizer(own, decayed) };
      if (others.length === 0) return [main];
      return [main, { index, optimizer: makeOptimizer({ ...own, weightDecay: 0 }, others) }];
    },
  );
  const [first, ...further] = parts;
  return first!.optimizer.withGroups(further);
}

function makeOptimizer(options: OptimizerOptions, parameters: readonly Parameter[]): Optimizer {
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
 * @returns the options with that momentum (beta1, for those that have betas), in every group; null for kinds that have none,
 * and for nadam, whose formula takes beta1 to be the same at every step
 */
export function withMomentum(
  options: OptimizerOptions & Grouping,
  momentum: number,
): (OptimizerOptions & Grouping) | null {
  const inGroups = options.groups && { groups: options.groups.map((group) => inGroup(group, momentum)) };
  switch (options.type) {
    case 'sgd':
    case 'rmsprop':
      return { ...options, momentum, ...inGroups };
    case 'adam':
    case 'adamw':
    case 'adamax':
      return { ...options, betas: [momentum, options.betas[1]], ...inGroups };
    case 'nadam':
    case 'adagrad':
    case 'adadelta':
      return null;
  }
}

/** A group with momentum or betas of its own begins with the momentum of all. */
function inGroup(group: GroupOptions, momentum: number): GroupOptions {
  if ('momentum' in group) return { ...group, momentum };
  return 'betas' in group && group.betas ? { ...group, betas: [momentum, group.betas[1]] } : group;
}

/**
 * The learning rate to start from with each optimizer: PyTorch's default, except for sgd (0.01, as in the tutorial,
 * since 0.001 is slow) and rmsprop (0.001, as in the tutorial and in Keras, since 0.01 is too large for most models).
 *
 * @source https://docs.pytorch.org/docs/stable/optim.html
 */
export const USUAL_LR: Readonly<Record<OptimizerOptions['type'], number>> = {
  sgd: 0.01,
  adam: 0.001,
  adamw: 0.001,
  nadam: 0.002,
  rmsprop: 0.001,
  adagrad: 0.01,
  adadelta: 1,
  adamax: 0.002,
};
