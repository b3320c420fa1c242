import { describe, expect, it } from 'vitest';
import { toCamelCase } from '../../../src/config/naming.js';
import { scheduleSchema } from '../../../src/config/schema/schedules.js';
import { createSchedule } from '../../../src/train/schedule/index.js';
import { fixture } from '../../helpers/fixtures.js';

interface Case {
  name: string;
  type: string;
  options: Record<string, unknown>;
  lr: number;
  path: number[];
}

const make = (options: Record<string, unknown>, lr: number) =>
  createSchedule(toCamelCase(scheduleSchema.parse(options)), lr, { epoch: 50, step: 500 });

describe('schedules give the learning rates of torch.optim.lr_scheduler', () => {
  const { cases } = fixture<{ cases: Case[] }>('schedules.json');

  it.each(cases)('$name, by epoch', ({ type, options, lr, path }) => {
    const schedule = make({ type, ...options }, lr);
    const actual = path.map((_, epoch) => schedule({ epoch, step: epoch * 10 }));
    for (const [i, value] of path.entries()) expect(actual[i]).toBeCloseTo(value, 10);
  });

  it.each(cases)('$name, by step', ({ type, options, lr, path }) => {
    const schedule = make({ type, ...options, interval: 'step' }, lr);
    for (const [step, value] of path.entries()) expect(schedule({ epoch: 0, step })).toBeCloseTo(value, 10);
  });

  it('constant stays', () => {
    expect(make({ type: 'constant' }, 0.3)({ epoch: 9, step: 99 })).toBe(0.3);
  });

  it('cosine takes the whole run where t_max is not given', () => {
    expect(make({ type: 'cosine' }, 0.2)({ epoch: 25, step: 0 })).toBeCloseTo(0.1, 12);
    expect(make({ type: 'cosine', interval: 'step' }, 0.2)({ epoch: 0, step: 250 })).toBeCloseTo(0.1, 12);
  });
});
