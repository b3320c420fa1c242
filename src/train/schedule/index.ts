import { type ConstantOptions, constant } from './constant.js';
import { type CosineOptions, cosine } from './cosine.js';
import { type StepOptions, step } from './step.js';

/** What a schedule counts: epochs, or optimizer steps. */
export type Interval = 'epoch' | 'step';

/** Where a run stands: both counted from 0. */
export interface Position {
  readonly epoch: number;
  readonly step: number;
}

/** The learning rate at a position: a pure function, so that a resumed run goes on exactly. */
export type Schedule = (position: Position) => number;

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
