import type { OptimizerOptions } from '../../../train/optim/index.js';

/** What makes the size of a step, in words that follow the optimizer's name. */
export interface StepRule {
  /** What it does to a gradient. */
  readonly does: string;
  /** What follows for its steps. */
  readonly so: string;
  /** What sets its update ratio, besides the size of the weights; `lr` stands for the learning rate. */
  readonly setBy: string;
}

const BY_RUNNING_SIZE: StepRule = {
  does: 'divides a gradient by its own running size',
  so: 'its steps hardly depend on how large the gradients are',
  setBy: 'the learning rate (lr)',
};

/**
 * By optimizer, how a step depends on the gradient; null: it is proportional to it.
 *
 * @source the formulas in docs/optimizers.md
 */
export const STEP_RULES: Readonly<Record<OptimizerOptions['type'], StepRule | null>> = {
  sgd: null,
  adam: BY_RUNNING_SIZE,
  adamw: BY_RUNNING_SIZE,
  nadam: BY_RUNNING_SIZE,
  rmsprop: BY_RUNNING_SIZE,
  adamax: { ...BY_RUNNING_SIZE, does: 'divides a gradient by the largest of its own recent sizes' },
  adagrad: {
    does: 'divides a gradient by the root of the sum of all its squares so far',
    so: 'its steps hardly depend on how large the gradients are, and become shorter with time',
    setBy: 'the learning rate (lr), how many steps there were',
  },
  adadelta: {
    does: 'divides a gradient by its own running size, and multiplies it by that of its past steps',
    so: 'its steps hardly depend on how large the gradients are',
    setBy: 'the size of past steps',
  },
};
