import type { Initializer } from './initializer.js';

export interface ConstantOptions {
  readonly type: 'constant';
  readonly value: number;
}

export interface ZerosOptions {
  readonly type: 'zeros';
}

export interface OnesOptions {
  readonly type: 'ones';
}

/**
 * Every value the same.
 *
 * @param value the value
 * @returns the initialiser, for tensors of any shape
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.constant_
 */
export function constant(value: number): Initializer {
  return (values) => {
    values.fill(value);
  };
}
