import type { Interval, Position, Schedule } from './schedule.js';

export interface WarmupOptions {
  readonly duration: number;
  readonly interval: Interval;
  readonly startFactor: number;
}

/**
 * Leads up to a schedule in a straight line; the schedule begins, from 0, where the line ends.
 *
 *     lr(t) = main(0) * (start_factor + (1 - start_factor) * t / duration)     t < duration
 *     lr(t) = main(t - duration)                                               otherwise
 *
 * The same as `SequentialLR(optimizer, [LinearLR(…), main], milestones=[duration])`, except where main(0) is not the
 * initial learning rate, to which PyTorch leads up and then jumps: of `linear` the optimizer's, of a `one_cycle` that has
 * no step to rise in max_lr / div_factor. Here, the line leads to where the schedule begins. The momentum is main(0)'s. `reduce_on_plateau`, which PyTorch cannot combine, counts the
 * evaluations during the warm-up too: its reductions lower the whole line.
 *
 * @param main the schedule to lead up to
 * @param options duration, in intervals; interval, default step; startFactor, in (0, 1], default 1/3. null: no warm-up
 * @param length of the warm-up, from `warmupLength`
 * @returns the schedule with its warm-up
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 */
export function withWarmup(main: Schedule, options: WarmupOptions | null, length: Position): Schedule {
  if (options === null) return main;
  const { duration, interval, startFactor } = options;
  return (position, history) => {
    const t = position[interval];
    if (t >= duration) {
      return main({ epoch: position.epoch - length.epoch, step: position.step - length.step }, history);
    }
    const { lr, momentum } = main({ epoch: 0, step: 0 }, history);
    return { lr: lr * (startFactor + ((1 - startFactor) * t) / duration), momentum };
  };
}

/**
 * How long a warm-up is, in both units: of one in steps, only whole epochs count, so that a schedule by the epoch
 * still changes when an epoch begins.
 *
 * @param options the warm-up; null: none
 * @param total length of the whole run
 * @returns by how much the schedule behind it is shifted
 */
export function warmupLength(options: WarmupOptions | null, total: Position): Position {
  if (options === null) return { epoch: 0, step: 0 };
  const { duration, interval } = options;
  const stepsPerEpoch = total.step / total.epoch;
  return interval === 'epoch'
    ? { epoch: duration, step: duration * stepsPerEpoch }
    : { epoch: Math.floor(duration / stepsPerEpoch), step: duration };
}

/**
 * @param total length of the whole run
 * @param length of its warm-up
 * @returns what is left to the schedule
 */
export function afterWarmup(total: Position, length: Position): Position {
  return { epoch: total.epoch - length.epoch, step: total.step - length.step };
}
