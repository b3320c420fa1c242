import type { Initializer } from './initializer.js';

export interface NormalOptions {
  readonly type: 'normal';
  readonly mean: number;
  readonly std: number;
}

/**
 * Normally distributed values.
 *
 * @param mean their mean, default in a configuration 0
 * @param std their standard deviation, default in a configuration 1
 * @returns the initialiser, for tensors of any shape
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.normal_
 */
export function normal(mean: number, std: number): Initializer {
  return (values, _shape, stream) => {
    for (let i = 0; i < values.length; i++) values[i] = mean + std * stream.normal();
  };
}
