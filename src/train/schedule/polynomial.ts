import { counted, type Interval, type Schedule } from './schedule.js';

export interface PolynomialOptions {
  readonly type: 'polynomial';
  readonly totalIters: number;
  readonly power: number;
  readonly interval: Interval;
}

/**
 * From lr down to 0, where it stays: with power 1 in a straight line, with more of it faster at first.
 *
 *     lr(t) = lr * (1 - min(t, total_iters) / total_iters)^power
 *
 * @param options totalIters, in intervals, default 5; power, default 1; interval, default epoch
 * @param lr the optimizer's learning rate
 * @returns the schedule
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 */
export function polynomial({ totalIters, power, interval }: PolynomialOptions, lr: number): Schedule {
  return counted(interval, (t) => lr * (1 - Math.min(t, totalIters) / totalIters) ** power);
}
