import { counted, type Interval, type Schedule } from './schedule.js';

export interface ExponentialOptions {
  readonly type: 'exponential';
  readonly gamma: number;
  readonly interval: Interval;
}

/**
 * Multiplies the learning rate by gamma every interval.
 *
 *     lr(t) = lr * gamma^t
 *
 * @param options gamma; interval, default epoch
 * @param lr the optimizer's learning rate
 * @returns the schedule
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export function exponential({ gamma, interval }: ExponentialOptions, lr: number): Schedule {
  return counted(interval, (t) => lr * gamma ** t);
}
