import { LossnetError } from '../../base/errors.js';
import type { Monitor } from '../task/index.js';
import { type ConstantOptions, constant } from './constant.js';
import { type CosineOptions, cosine } from './cosine.js';
import { type CosineRestartsOptions, cosineRestarts } from './cosine-restarts.js';
import { type ExponentialOptions, exponential } from './exponential.js';
import { type LinearOptions, linear } from './linear.js';
import { type MultiStepOptions, multiStep } from './multi-step.js';
import { type OneCycleOptions, oneCycle } from './one-cycle.js';
import { type PolynomialOptions, polynomial } from './polynomial.js';
import { type ReduceOnPlateauOptions, reduceOnPlateau } from './reduce-on-plateau.js';
import type { Position, Schedule } from './schedule.js';
import { type StepOptions, step } from './step.js';
import { afterWarmup, type WarmupOptions, warmupLength, withWarmup } from './warmup.js';

export type { Interval, Position, Schedule, Setting } from './schedule.js';

type MainOptions =
  | ConstantOptions
  | StepOptions
  | MultiStepOptions
  | ExponentialOptions
  | CosineOptions
  | CosineRestartsOptions
  | LinearOptions
  | PolynomialOptions
  | OneCycleOptions
  | ReduceOnPlateauOptions;

/** A kind of schedule, and the warm-up in front of it; null: none. */
export type ScheduleOptions = MainOptions & { readonly warmup: WarmupOptions | null };

export interface CreatedSchedule {
  readonly at: Schedule;
  /** The figure whose history the schedule follows; null: it follows none. */
  readonly monitor: Monitor | null;
}

/** The learning rate of a parameter group; what is left out is the optimizer's. */
export interface GroupRate {
  readonly lr?: number | undefined;
  /** In the place of one_cycle's, which does not look at `lr`. */
  readonly maxLr?: number | undefined;
}

/**
 * @param options the schedule's kind and arguments
 * @param lr the optimizer's learning rate
 * @param total length of the whole run, in epochs and in optimizer steps
 * @param groups the optimizer's further groups: as in PyTorch, each has the schedule that its own learning rate gives
 * @returns the schedule, and the figure that it needs to be told
 * @throws LossnetError `LOSSNET_SCHEDULE_OPTION` when the warm-up leaves nothing of the run
 */
export function createSchedule(
  options: ScheduleOptions,
  lr: number,
  total: Position,
  groups: readonly GroupRate[] = [],
): CreatedSchedule {
  refuseLongWarmup(options.warmup, total);
  const warmup = warmupLength(options.warmup, total);
  const from = (rate: GroupRate): Schedule => {
    const own =
      options.type === 'one_cycle' && rate.maxLr !== undefined ? { ...options, maxLr: rate.maxLr } : options;
    return withWarmup(createMain(own, rate.lr ?? lr, afterWarmup(total, warmup)), options.warmup, warmup);
  };
  const main = from({});
  const further = groups.map(from);
  const all: Schedule = (position, history) => ({
    ...main(position, history),
    groupLrs: further.map((schedule) => schedule(position, history).lr),
  });
  return {
    at: further.length === 0 ? main : all,
    monitor: options.type === 'reduce_on_plateau' ? options.monitor : null,
  };
}

/** A schedule of no length has no first value to lead up to. */
function refuseLongWarmup(warmup: WarmupOptions | null, total: Position): void {
  if (warmup === null || warmup.duration < total[warmup.interval]) return;
  throw new LossnetError(
    'LOSSNET_SCHEDULE_OPTION',
    `A warm-up of ${warmup.duration} ${warmup.interval}s leaves nothing of a run of ${total[warmup.interval]}.`,
    'Make the warm-up shorter, or the run longer.',
  );
}

function createMain(options: MainOptions, lr: number, total: Position): Schedule {
  switch (options.type) {
    case 'constant':
      return constant(options, lr);
    case 'step':
      return step(options, lr);
    case 'multi_step':
      return multiStep(options, lr);
    case 'exponential':
      return exponential(options, lr);
    case 'cosine':
      return cosine(options, lr, total);
    case 'cosine_restarts':
      return cosineRestarts(options, lr);
    case 'linear':
      return linear(options, lr);
    case 'polynomial':
      return polynomial(options, lr);
    case 'one_cycle':
      return oneCycle(options, total);
    case 'reduce_on_plateau':
      return reduceOnPlateau(options, lr);
  }
}
