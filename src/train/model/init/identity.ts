import type { Initializer } from './initializer.js';

export interface EyeOptions {
  readonly type: 'eye';
}

export interface DiracOptions {
  readonly type: 'dirac';
  readonly groups: number;
}

/**
 * The identity matrix: a linear layer passes on as many of its inputs as it has outputs for.
 *
 *     W[i, i] = 1, the rest 0
 *
 * @returns the initialiser, for tensors of 2 dimensions
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.eye_
 */
export function eye(): Initializer {
  return (values, shape) => {
    const [rows, columns] = shape as [number, number];
    values.fill(0);
    for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  };
}

/**
 * The identity for convolutions: each group passes on as many of its channels as it has outputs for.
 *
 *     W[g * out / groups + d, d, middle of the kernel] = 1, the rest 0
 *
 * The middle of n positions is the one numbered floor(n / 2), counted from 0.
 *
 * @param options groups, of which the number of outputs must be a multiple, default 1
 * @returns the initialiser, for tensors of 3 to 5 dimensions: [out, in / groups, kernel …]
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.dirac_
 */
export function dirac({ groups }: DiracOptions): Initializer {
  return (values, shape) => {
    const [outputs, inputs, ...kernel] = shape as [number, number, ...number[]];
    const positions = kernel.reduce((product, size) => product * size, 1);
    const middle = kernel.reduce((index, size) => index * size + Math.floor(size / 2), 0);
    const perGroup = outputs / groups;
    values.fill(0);
    for (let output = 0; output < outputs; output++) {
      const channel = output % perGroup;
      if (channel < inputs) values[(output * inputs + channel) * positions + middle] = 1;
    }
  };
}
