import { counted, type Interval, type Schedule } from './schedule.js';

export interface LinearOptions {
  readonly type: 'linear';
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;
  readonly interval: Interval;
}

/**
 * A straight line from one share of the learning rate to another, where it stays.
 *
 *     lr(t) = lr * (start_factor + (end_factor - start_factor) * min(t, total_iters) / total_iters)
 *
 * @param options startFactor, in (0, 1], default 1/3; endFactor, in [0, 1], default 1; totalIters, in intervals,
 * default 5; interval, default epoch
 * @param lr the optimizer's learning rate
 * @returns the schedule
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 */
export function linear(options: LinearOptions, lr: number): Schedule {
  const { startFactor, endFactor, totalIters, interval } = options;
  return counted(
    interval,
    (t) => lr * (startFactor + ((endFactor - startFactor) * Math.min(t, totalIters)) / totalIters),
  );
}
