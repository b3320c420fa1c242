import { describe, expect, it } from 'vitest';
import { toCamelCase } from '../../../src/config/naming.js';
import { scheduleSchema } from '../../../src/config/schema/schedules.js';
import { writeFormula } from '../../../src/train/formula.js';
import { scheduleFormula } from '../../../src/train/schedule/formula.js';
import { createSchedule, type ScheduleOptions } from '../../../src/train/schedule/index.js';
import { afterWarmup, warmupLength } from '../../../src/train/schedule/warmup.js';
import { expectConsistent } from '../../helpers/formula.js';

const WARMUP = { warmup: { duration: 4, interval: 'step', start_factor: 0.1 } };

/** One block at least for each kind: a missing one does not compile. */
const BLOCKS: Readonly<Record<ScheduleOptions['type'], readonly object[]>> = {
  constant: [{}, WARMUP],
  step: [{ step_size: 2 }, { step_size: 3, interval: 'step', ...WARMUP }],
  multi_step: [{ milestones: [1, 3] }],
  exponential: [{ gamma: 0.9, interval: 'step' }],
  cosine: [{}, { interval: 'step', eta_min: 0.01, ...WARMUP }, { t_max: 3 }],
  cosine_restarts: [{ t_0: 3, t_mult: 2, interval: 'step' }],
  linear: [{}, { interval: 'step', total_iters: 7, ...WARMUP }],
  polynomial: [{ power: 2 }],
  one_cycle: [
    { max_lr: 0.5 },
    { max_lr: 0.5, anneal_strategy: 'linear', three_phase: true, ...WARMUP },
    { max_lr: 0.5, pct_start: 0.05 },
  ],
  reduce_on_plateau: [
    { monitor: 'train_loss', patience: 0, factor: 0.5, min_lr: 0.03 },
    { patience: 1, ...WARMUP },
  ],
};

const cases = Object.entries(BLOCKS).flatMap(([type, blocks]) => blocks.map((block) => ({ type, ...block })));

describe('the formula of every schedule', () => {
  it.each(cases)('$type: $0: its numbers give the learning rate itself', (block) => {
    const options = toCamelCase(scheduleSchema.parse(block)) as ScheduleOptions;
    const [lr, perEpoch, epochs] = [0.2, 4, 6];
    const total = { epoch: epochs, step: epochs * perEpoch };
    const { at } = createSchedule(options, lr, total);
    const rest = afterWarmup(total, warmupLength(options.warmup, total));
    const begin = createSchedule({ ...options, warmup: null }, lr, rest).at;
    const figures = [2.3, 2.1, 2.2, 2.2, 1.9, 1.95, 2];
    for (let step = 0; step <= total.step; step++) {
      const position = { epoch: Math.floor(step / perEpoch), step };
      const history = figures.slice(0, position.epoch);
      const value = at(position, history).lr;
      const first = begin({ epoch: 0, step: 0 }, history).lr;
      const { symbols, lines } = scheduleFormula(options, { lr, total, position, history, first });
      const written = writeFormula({
        symbols,
        lines: lines.map((line) => ({ ...line, value: line.value ?? value })),
      });
      expect(written.at(-1)).toMatchObject({ gives: 'lr', value });
      expectConsistent(written);
    }
  });
});
