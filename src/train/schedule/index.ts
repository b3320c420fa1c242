import { type ConstantOptions, constant } from './constant.js';
import { type CosineOptions, cosine } from './cosine.js';
import type { Position, Schedule } from './schedule.js';
import { type StepOptions, step } from './step.js';

export type { Interval, Position, Schedule } from './schedule.js';

export type ScheduleOptions = ConstantOptions | StepOptions | CosineOptions;

/**
 * @param options the schedule's kind and arguments
 * @param lr the optimizer's learning rate
 * @param total length of the whole run, in epochs and in optimizer steps
 * @returns the schedule
 */
export function createSchedule(options: ScheduleOptions, lr: number, total: Position): Schedule {
  switch (options.type) {
    case 'constant':
      return constant(options, lr);
    case 'step':
      return step(options, lr);
    case 'cosine':
      return cosine(options, lr, total);
  }
}
