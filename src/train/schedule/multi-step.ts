import { counted, type Interval, type Schedule } from './schedule.js';

export interface MultiStepOptions {
  readonly type: 'multi_step';
  /** Increasing. */
  readonly milestones: readonly number[];
  readonly gamma: number;
  readonly interval: Interval;
}

/**
 * Multiplies the learning rate by gamma at each milestone.
 *
 *     lr(t) = lr * gamma^(number of milestones <= t)
 *
 * @param options milestones, in intervals, increasing; gamma, default 0.1; interval, default epoch
 * @param lr the optimizer's learning rate
 * @returns the schedule
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export function multiStep({ milestones, gamma, interval }: MultiStepOptions, lr: number): Schedule {
  return counted(interval, (t) => lr * gamma ** milestones.filter((milestone) => milestone <= t).length);
}
