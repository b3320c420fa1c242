import type { Schedule } from './schedule.js';

export interface ConstantOptions {
  readonly type: 'constant';
}

/**
 * The learning rate stays as it is.
 *
 *     lr(t) = lr
 *
 * @param _options none
 * @param lr the optimizer's learning rate
 * @returns the schedule
 */
export function constant(_options: ConstantOptions, lr: number): Schedule {
  return () => ({ lr, momentum: null });
}
