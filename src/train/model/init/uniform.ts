import type { Initializer } from './initializer.js';

export interface UniformOptions {
  readonly type: 'uniform';
  readonly a: number;
  readonly b: number;
}

/**
 * Values spread evenly between two bounds.
 *
 * @param a lower bound, default in a configuration 0
 * @param b upper bound, default in a configuration 1
 * @returns the initialiser, for tensors of any shape
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.uniform_
 */
export function uniform(a: number, b: number): Initializer {
  return (values, _shape, stream) => {
    for (let i = 0; i < values.length; i++) values[i] = stream.uniform(a, b);
  };
}

/**
 * PyTorch's default for convolutions and linear layers, weights and biases alike:
 * uniform in ±1/sqrt(fan_in).
 *
 * @param fanIn number of inputs that one output sums over
 * @returns the initialiser, for tensors of any shape
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export function uniformFanIn(fanIn: number): Initializer {
  const bound = 1 / Math.sqrt(fanIn);
  return uniform(-bound, bound);
}
