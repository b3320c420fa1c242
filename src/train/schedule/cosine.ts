import { counted, type Interval, type Position, type Schedule } from './schedule.js';

export interface CosineOptions {
  readonly type: 'cosine';
  /** null: the whole run, less its warm-up */
  readonly tMax: number | null;
  readonly etaMin: number;
  readonly interval: Interval;
}

/**
 * Half a cosine from lr down to etaMin, and up again should the run go on after tMax.
 *
 *     lr(t) = eta_min + (lr - eta_min) * (1 + cos(pi t / t_max)) / 2
 *
 * @param options tMax, in intervals, default the whole run; etaMin, default 0; interval, default epoch
 * @param lr the optimizer's learning rate
 * @param total length of the whole run, less its warm-up
 * @returns the schedule
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 */
export function cosine({ tMax, etaMin, interval }: CosineOptions, lr: number, total: Position): Schedule {
  const length = tMax ?? total[interval];
  return counted(interval, (t) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * t) / length))) / 2);
}
