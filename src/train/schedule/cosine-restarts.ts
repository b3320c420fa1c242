import { counted, type Interval, type Schedule } from './schedule.js';

export interface CosineRestartsOptions {
  readonly type: 'cosine_restarts';
  readonly t0: number;
  readonly tMult: number;
  readonly etaMin: number;
  readonly interval: Interval;
}

/**
 * Half a cosine from lr down to etaMin, then again from lr, each time tMult times as long.
 *
 *     lr(t) = eta_min + (lr - eta_min) * (1 + cos(pi t_cur / t_i)) / 2
 *     t_cur = t - start of the i-th cosine,   t_i = t_0 * t_mult^i
 *
 * @param options t0, length of the first cosine in intervals; tMult, an integer, default 1; etaMin, default 0;
 * interval, default epoch
 * @param lr the optimizer's learning rate
 * @returns the schedule
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html;
 * Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017
 */
export function cosineRestarts({ t0, tMult, etaMin, interval }: CosineRestartsOptions, lr: number): Schedule {
  return counted(interval, (t) => {
    const { current, length } = sinceRestart(t, t0, tMult);
    return etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * current) / length))) / 2;
  });
}

/** The cosine that t falls into. Counted out where its length grows: a logarithm would miss some of the restarts. */
export function sinceRestart(t: number, t0: number, tMult: number): { current: number; length: number } {
  if (tMult === 1) return { current: t % t0, length: t0 };
  let current = t;
  let length = t0;
  while (current >= length) {
    current -= length;
    length *= tMult;
  }
  return { current, length };
}
