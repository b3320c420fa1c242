import type { z } from 'zod';
import type { optimizerSchema } from './schema/optimizers.js';

/** The `optimizer` block as a file has it: what is left out has its default. */
export type OptimizerBlock = z.input<typeof optimizerSchema>;

export type PresetName = 'sgd' | 'momentum' | 'nesterov' | 'adam' | 'adamw' | 'rmsprop' | 'adagrad';

export interface Preset {
  /** One sentence: what it is good for. */
  readonly summary: string;
  readonly optimizer: OptimizerBlock;
}

/**
 * Optimizers by the names that people have for them, with the learning rate to start from: PyTorch's own default,
 * except for what works out of the box only with another.
 *
 * - `sgd`, `momentum`, `nesterov`: 0.01 as in the tutorial and in PyTorch's examples; its default, 0.001, is slow.
 * - `rmsprop`: 0.001 as in the tutorial and in Keras; PyTorch's default, 0.01, is too large for most models.
 *
 * @source https://docs.pytorch.org/docs/stable/optim.html
 */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  sgd: {
    summary: 'Plain steps against the gradient: predictable and easy to understand, but slow.',
    optimizer: { type: 'sgd', lr: 0.01 },
  },
  momentum: {
    summary: 'SGD that keeps most of its last step: rolls through noise, and is often the best in the end.',
    optimizer: { type: 'sgd', lr: 0.01, momentum: 0.9 },
  },
  nesterov: {
    summary: 'Momentum that looks ahead before it steps: like momentum, and a little steadier.',
    optimizer: { type: 'sgd', lr: 0.01, momentum: 0.9, nesterov: true },
  },
  adam: {
    summary: 'Gives each parameter a step size of its own: a fast start with little tuning.',
    optimizer: { type: 'adam', lr: 0.001 },
  },
  adamw: {
    summary: 'Adam whose weight decay is kept apart from the gradient: the usual choice for large models.',
    optimizer: { type: 'adamw', lr: 0.001 },
  },
  rmsprop: {
    summary:
      'Scales steps by the recent size of the gradient: good where that varies much, as in recurrent networks.',
    optimizer: { type: 'rmsprop', lr: 0.001 },
  },
  adagrad: {
    summary: 'Scales steps by all gradients so far, so that they only shrink: good for rare features.',
    optimizer: { type: 'adagrad', lr: 0.01 },
  },
};

export const presetNames = Object.keys(PRESETS) as readonly PresetName[];

export function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(PRESETS, name);
}
