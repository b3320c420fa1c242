import { describe, expect, it } from 'vitest';
import { toCamelCase } from '../../../src/config/naming.js';
import { scheduleSchema } from '../../../src/config/schema/schedules.js';
import { createSchedule, type Position } from '../../../src/train/schedule/index.js';
import { fixture } from '../../helpers/fixtures.js';

interface Recorded {
  name: string;
  options: Record<string, unknown>;
  lr: number;
  path: number[];
}

interface Case extends Recorded {
  type: string;
  options: Record<string, unknown> & { warmup?: Record<string, unknown> };
  momentum: number[] | null;
}

interface Plateau extends Recorded {
  figures: number[];
}

const { cases, plateaus } = fixture<{ cases: Case[]; plateaus: Plateau[] }>('schedules.json');

const EPOCHS_OF_10 = { epoch: 50, step: 500 };
const START = { epoch: 0, step: 0 };

const make = (options: Record<string, unknown>, lr: number, total: Position = EPOCHS_OF_10) =>
  createSchedule(toCamelCase(scheduleSchema.parse(options)), lr, total);

/** A recorded schedule that counts `interval`, its warm-up too. */
const counting = ({ type, options: { warmup, ...options }, lr }: Case, interval: string, total: Position) => {
  const own = type === 'constant' ? {} : { interval };
  const line = warmup === undefined ? {} : { warmup: { ...warmup, interval } };
  return make({ type, ...options, ...own, ...line }, lr, total);
};

/** PyTorch multiplies step by step where lossnet has the closed form: they differ by what that rounds. */
function expectPath(actual: number[], expected: number[]) {
  expect(actual).toHaveLength(expected.length);
  const tooFar = expected.flatMap((value, t) =>
    Math.abs(actual[t]! - value) <= 1e-12 * Math.abs(value) + 1e-17
      ? []
      : [`${t}: ${actual[t]}, not ${value}`],
  );
  expect(tooFar).toEqual([]);
}

describe('schedules give the learning rates and momenta of torch.optim.lr_scheduler', () => {
  it.each(cases)('$name, by epoch', (c) => {
    const { at } = counting(c, 'epoch', EPOCHS_OF_10);
    const settings = c.path.map((_, epoch) => at({ epoch, step: epoch * 10 + 7 }, []));
    expectPath(
      settings.map(({ lr }) => lr),
      c.path,
    );
    const momenta = settings.map(({ momentum }) => momentum);
    if (c.momentum) expectPath(momenta as number[], c.momentum);
    else expect(new Set(momenta)).toEqual(new Set([null]));
  });

  it.each(cases)('$name, by step', (c) => {
    const { at } = counting(c, 'step', { epoch: 1, step: 50 });
    expectPath(
      c.path.map((_, step) => at({ epoch: 0, step }, []).lr),
      c.path,
    );
  });

  it.each(plateaus)('reduce_on_plateau of $name', ({ options, lr, figures, path }) => {
    const schedule = make({ type: 'reduce_on_plateau', ...options }, lr);
    expect(schedule.monitor).toBe(options.monitor);
    expect(schedule.at(START, [])).toEqual({ lr, momentum: null });
    expectPath(
      path.map((_, i) => schedule.at({ epoch: i + 1, step: 10 * i }, figures.slice(0, i + 1)).lr),
      path,
    );
  });

  it('watches the training loss like the other figures, and the evaluation loss unless told otherwise', () => {
    const { options, lr, figures, path } = plateaus.find(({ name }) => name === 'eval_loss {"patience": 3}')!;
    const { at, monitor } = make({ type: 'reduce_on_plateau', ...options, monitor: 'train_loss' }, lr);
    expect([monitor, at(START, figures).lr]).toEqual(['train_loss', path.at(-1)]);
    expect(make({ type: 'reduce_on_plateau' }, lr).monitor).toBe('eval_loss');
    expect(make({ type: 'cosine' }, lr).monitor).toBeNull();
  });
});

describe('a schedule over the whole run', () => {
  const lrAt = (options: Record<string, unknown>, position: Position, total?: Position) =>
    make(options, 0.2, total).at(position, []).lr;

  it('is as long as the run in what it counts', () => {
    expect(lrAt({ type: 'cosine' }, { epoch: 25, step: 0 })).toBeCloseTo(0.1, 12);
    expect(lrAt({ type: 'cosine', interval: 'step' }, { epoch: 0, step: 250 })).toBeCloseTo(0.1, 12);
    const oneCycle = { type: 'one_cycle', max_lr: 0.5, final_div_factor: 100 };
    expect(lrAt(oneCycle, { epoch: 49, step: 499 })).toBeCloseTo(0.5 / 25 / 100, 12);
    expect(lrAt({ ...oneCycle, interval: 'epoch' }, { epoch: 49, step: 490 })).toBeCloseTo(
      0.5 / 25 / 100,
      12,
    );
  });

  it('is as long as what the warm-up leaves', () => {
    const warmup = { duration: 10, interval: 'epoch' };
    expect(lrAt({ type: 'cosine', warmup }, { epoch: 30, step: 300 })).toBeCloseTo(0.1, 12);
    expect(lrAt({ type: 'cosine', interval: 'step', warmup }, { epoch: 30, step: 300 })).toBeCloseTo(0.1, 12);
    const oneCycle = { type: 'one_cycle', max_lr: 0.5, pct_start: 0.25, warmup };
    expect(lrAt(oneCycle, { epoch: 19, step: 199 })).toBeCloseTo(0.5, 12);
  });

  it('of one_cycle goes on where PyTorch divides by zero or throws', () => {
    const oneCycle = { type: 'one_cycle', max_lr: 0.5, pct_start: 0.1, final_div_factor: 100 };
    const short = { epoch: 1, step: 10 };
    expect(lrAt(oneCycle, { epoch: 0, step: 0 }, short)).toBe(0.5);
    expect(lrAt(oneCycle, { epoch: 1, step: 11 }, short)).toBeCloseTo(0.5 / 25 / 100, 12);
    expect(lrAt(oneCycle, START, { epoch: 1, step: 1 })).toBeGreaterThan(0);
  });
});

describe('a warm-up', () => {
  const ramp = (first: number, t: number, duration: number) => first * (0.2 + (0.8 * t) / duration);

  it('in steps shifts a schedule by the epoch by the whole epochs that it contains', () => {
    const warmup = { duration: 25, start_factor: 0.2 };
    const { at } = make({ type: 'step', step_size: 1, gamma: 0.5, warmup }, 1);
    const lrs = [0, 24, 25, 29, 30, 40].map((step) => at({ epoch: Math.floor(step / 10), step }, []).lr);
    expectPath(lrs, [ramp(1, 0, 25), ramp(1, 24, 25), 1, 1, 0.5, 0.25]);
  });

  it('in epochs shifts a schedule by the step by its steps', () => {
    const warmup = { duration: 2, interval: 'epoch', start_factor: 0.2 };
    const { at } = make({ type: 'exponential', gamma: 0.5, interval: 'step', warmup }, 1);
    const lrs = [0, 19, 20, 21, 22].map((step) => at({ epoch: Math.floor(step / 10), step }, []).lr);
    expectPath(lrs, [ramp(1, 0, 2), ramp(1, 1, 2), 1, 0.5, 0.25]);
  });

  it('leads up to where the schedule begins, which for linear is not the learning rate of the optimizer', () => {
    const warmup = { duration: 4, interval: 'epoch', start_factor: 0.2 };
    const { at } = make({ type: 'linear', start_factor: 0.5, total_iters: 2, warmup }, 1);
    const lrs = [0, 2, 4, 5, 6, 7].map((epoch) => at({ epoch, step: epoch * 10 }, []).lr);
    expectPath(lrs, [ramp(0.5, 0, 4), ramp(0.5, 2, 4), 0.5, 0.75, 1, 1]);
  });

  it('is lowered by a plateau during it, and by none before', () => {
    const warmup = { duration: 4, interval: 'epoch', start_factor: 0.2 };
    const { at } = make({ type: 'reduce_on_plateau', patience: 0, factor: 0.5, warmup }, 1);
    const history = [3, 4, 2, 2];
    const lrs = [1, 2, 3, 4].map((epoch) => at({ epoch, step: 0 }, history.slice(0, epoch)).lr);
    expectPath(lrs, [ramp(1, 1, 4), ramp(0.5, 2, 4), ramp(0.5, 3, 4), 0.25]);
  });

  it.each([
    [{ duration: 10 }, 'A warm-up of 10 steps leaves nothing of a run of 10.'],
    [{ duration: 1000 }, 'A warm-up of 1000 steps leaves nothing of a run of 10.'],
    [{ duration: 2, interval: 'epoch' }, 'A warm-up of 2 epochs leaves nothing of a run of 2.'],
  ])('that leaves nothing of the run is refused: %j', (warmup, message) => {
    const total = { epoch: 2, step: 10 };
    for (const main of [{ type: 'one_cycle', max_lr: 0.1 }, { type: 'cosine' }, { type: 'constant' }])
      expect(() => make({ ...main, warmup }, 1, total)).toThrow(message);
  });

  it('leads up to the first learning rate of one_cycle, max_lr / div_factor, however long the warm-up', () => {
    const warmup = { duration: 1000 };
    const { at } = make({ type: 'one_cycle', max_lr: 0.1, warmup }, 1, { epoch: 2, step: 1014 });
    expect(at(START, []).lr).toBeCloseTo(0.1 / 25 / 3, 12);
    expect(at({ epoch: 1, step: 1000 }, []).lr).toBeCloseTo(0.1 / 25, 12);
  });

  it('leads up to where one_cycle begins also where it has no step to rise in', () => {
    const { at } = make({ type: 'one_cycle', max_lr: 0.1, warmup: { duration: 2 } }, 1, {
      epoch: 1,
      step: 5,
    });
    const first = at({ epoch: 0, step: 2 }, []).lr;
    expect(first).toBeCloseTo(0.09944154354509119, 12);
    expect(at(START, []).lr).toBeCloseTo(first / 3, 12);
  });
});

describe('the schema', () => {
  it.each([
    [{ type: 'multi_step', milestones: [3, 3] }, 'each milestone must be larger than the one before it'],
    [{ type: 'multi_step', milestones: [] }, '>=1 items'],
    [{ type: 'one_cycle', max_lr: 1, base_momentum: 0.96 }, 'base_momentum must be at most max_momentum'],
    [{ type: 'one_cycle', max_lr: 1, base_momentum: 0, max_momentum: 0 }, '>0'],
    [{ type: 'reduce_on_plateau', factor: 1 }, '<1'],
    [{ type: 'linear', start_factor: 0 }, '>0'],
    [{ type: 'constant', warmup: { duration: 5, start_factor: 1.1 } }, '<=1'],
    [{ type: 'constant', interval: 'step' }, 'Unrecognized key'],
  ])('refuses %j', (block, message) => {
    const { error } = scheduleSchema.safeParse(block);
    expect(error?.issues.map((issue) => issue.message)).toEqual([expect.stringContaining(message)]);
  });
});
