import { counted, type Interval, type Schedule } from './schedule.js';

export interface StepOptions {
  readonly type: 'step';
  readonly stepSize: number;
  readonly gamma: number;
  readonly interval: Interval;
}

/**
 * Multiplies the learning rate by gamma every stepSize intervals.
 *
 *     lr(t) = lr * gamma^floor(t / step_size)
 *
 * @param options stepSize, in intervals; gamma, default 0.1; interval, default epoch
 * @param lr the optimizer's learning rate
 * @returns the schedule
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export function step({ stepSize, gamma, interval }: StepOptions, lr: number): Schedule {
  return counted(interval, (t) => lr * gamma ** Math.floor(t / stepSize));
}
