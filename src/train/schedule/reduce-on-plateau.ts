import { betterOf, type Monitor } from '../task/index.js';
import type { Schedule } from './schedule.js';

export interface ReduceOnPlateauOptions {
  readonly type: 'reduce_on_plateau';
  readonly monitor: Monitor;
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdMode: 'rel' | 'abs';
  readonly cooldown: number;
  readonly minLr: number;
  readonly eps: number;
}

interface State {
  readonly lr: number;
  /** The best figure so far. */
  readonly best: number;
  /** Figures in a row that were no better. */
  readonly bad: number;
  /** Figures that are still to be passed over after a reduction. */
  readonly cooldown: number;
  /** How often the learning rate was lowered. */
  readonly reductions: number;
}

/**
 * Multiplies the learning rate by factor when a figure has stopped improving. After each figure:
 *
 *     better = figure < best * (1 - threshold)     rel, to fall     figure > best * (1 + threshold)     rel, to rise
 *     better = figure < best - threshold           abs, to fall     figure > best + threshold           abs, to rise
 *     bad    = 0 when better or in cooldown, else bad + 1
 *     when bad > patience: lr = max(lr * factor, min_lr), if that is less by more than eps; cooldown begins, bad = 0
 *
 * Nothing is remembered but the figures themselves: the learning rate follows from all of them, so that a resumed run
 * goes on exactly. With a figure of the evaluation, patience and cooldown count evaluations, not epochs.
 *
 * @param options monitor, default eval_loss; factor, in (0, 1), default 0.1; patience, default 10; threshold, default
 * 1e-4; thresholdMode, default rel; cooldown, default 0; minLr, default 0; eps, default 1e-8
 * @param lr the optimizer's learning rate
 * @returns the schedule
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions, lr: number): Schedule {
  return (_, history) => ({ lr: plateauAfter(options, lr, history).lr, momentum: null });
}

/**
 * @param options the schedule's
 * @param lr the optimizer's learning rate
 * @param history the figure, each time that it was known
 * @returns how things stand after all of it
 */
export function plateauAfter(options: ReduceOnPlateauOptions, lr: number, history: readonly number[]): State {
  const worst = betterOf(options.monitor) === 'larger' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const start: State = { lr, best: worst, bad: 0, cooldown: 0, reductions: 0 };
  return history.reduce((state, figure) => next(state, figure, options), start);
}

/** One `scheduler.step(figure)`. */
function next(state: State, figure: number, options: ReduceOnPlateauOptions): State {
  const { factor, patience, minLr, eps } = options;
  const { reductions } = state;
  const better = isBetter(figure, state.best, options);
  const best = better ? figure : state.best;
  const bad = better || state.cooldown > 0 ? 0 : state.bad + 1;
  if (bad <= patience)
    return { lr: state.lr, best, bad, cooldown: Math.max(state.cooldown - 1, 0), reductions };
  const reduced = Math.max(state.lr * factor, minLr);
  const lowers = state.lr - reduced > eps;
  return {
    ...{ lr: lowers ? reduced : state.lr, best, bad: 0, cooldown: options.cooldown },
    reductions: reductions + (lowers ? 1 : 0),
  };
}

function isBetter(
  figure: number,
  best: number,
  { monitor, threshold, thresholdMode }: ReduceOnPlateauOptions,
): boolean {
  if (betterOf(monitor) === 'larger') {
    return figure > (thresholdMode === 'rel' ? best * (1 + threshold) : best + threshold);
  }
  return figure < (thresholdMode === 'rel' ? best * (1 - threshold) : best - threshold);
}
