import type { OptimizerOptions } from './index.js';

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
