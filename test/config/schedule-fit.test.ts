import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, load, MINIMAL, problemsOf } from './helpers.js';

inTemporaryFolder();

/** 12 steps, of 4 in each epoch. */
const RUN = `epochs: 3
loader: { batch_size: 8 }
accumulate: 2
`;
const config = (schedule: string) =>
  `${MINIMAL.replace('shapes', 'shapes, train_size: 60')}${RUN}schedule: { ${schedule} }\n`;

describe('a schedule that leaves nothing to learn with', () => {
  it.each([
    [
      'type: one_cycle, max_lr: 0.1, warmup: { duration: 1000 }',
      'schedule.warmup.duration: expected less than 12, the steps of the run; received 1000 → make it shorter, set schedule.warmup to null, or set epochs to 251 or more',
    ],
    [
      'type: constant, warmup: { duration: 12 }',
      'schedule.warmup.duration: expected less than 12, the steps of the run; received 12 → make it shorter, set schedule.warmup to null, or set epochs to 4 or more',
    ],
    [
      'type: cosine, warmup: { duration: 3, interval: epoch }',
      'schedule.warmup.duration: expected less than 3, the epochs of the run; received 3 → set epochs to more than 3, or schedule.warmup.interval to step',
    ],
    [
      'type: one_cycle, max_lr: 0.1, interval: epoch, warmup: { duration: 2, interval: epoch }',
      'schedule.type: one_cycle rises and falls over the run, and the run has 1 epoch after its warm-up: nothing could be learnt at its last learning rate → set schedule.interval to step',
    ],
    [
      'type: one_cycle, max_lr: 0.1, warmup: { duration: 11 }',
      'schedule.type: one_cycle rises and falls over the run, and the run has 1 step after its warm-up: nothing could be learnt at its last learning rate → set epochs to more',
    ],
  ])('is refused: %s', (schedule, problem) => {
    expect(problemsOf(config(schedule))).toEqual([problem]);
  });

  it('is refused where a part is held out, of the steps that are left', () => {
    const text = (split: string) =>
      config('type: constant, warmup: { duration: 9 }').replace(
        'train_size: 60',
        `train_size: 60, split: ${split}`,
      );
    expect(problemsOf(text('{ val: 0.2, by: random }'))).toEqual([
      'schedule.warmup.duration: expected less than 9, the steps of the run; received 9 → make it shorter, set schedule.warmup to null, or set epochs to 4 or more',
    ]);
    expect(load(text('{ val: 0.1, by: random }')).warnings).toEqual([]);
    // How many are left by hash is known once the data are.
    expect(load(text('{ val: 0.2, by: hash }')).warnings).toEqual([]);
  });

  it('is refused for other epochs than the file has', () => {
    const text = config('type: step, step_size: 1, warmup: { duration: 5 }');
    expect(load(text).warnings).toEqual([]);
    expect(problemsOf(text, { overrides: ['epochs=1'] })).toEqual([
      'schedule.warmup.duration: expected less than 4, the steps of the run; received 5 → make it shorter, set schedule.warmup to null, or set epochs to 2 or more',
    ]);
  });

  it('is no question of a run that was trained with it', () => {
    const text = config('type: one_cycle, max_lr: 0.1, warmup: { duration: 1000 }');
    expect(load(text, { isRecord: true }).warnings).toEqual([]);
  });
});

describe('a schedule that is longer or shorter than the run', () => {
  it.each([
    ['type: cosine', null],
    ['type: cosine, interval: step, warmup: { duration: 11 }', 'stays as it is'],
    ['type: cosine, t_max: 3', null],
    ['type: cosine, t_max: 2', null],
    ['type: cosine, t_max: 1', 'the learning rate rises again after 1 epoch: the run has 3 epochs'],
    [
      'type: cosine, t_max: 4',
      'the learning rate would get to eta_min after 4 epochs, and the run has 3 epochs',
    ],
    [
      'type: cosine, t_max: 13, interval: step',
      'the learning rate would get to eta_min after 13 steps, and the run has 12 steps',
    ],
    [
      'type: cosine, warmup: { duration: 2, interval: epoch }',
      'it changes the learning rate from epoch to epoch, and the run has 1 epoch after its warm-up, so that it stays as it is; schedule.interval: step changes it within the epoch',
    ],
    ['type: step, step_size: 2', null],
    [
      'type: step, step_size: 3',
      'the learning rate would first fall after 3 epochs, and the run has 3 epochs',
    ],
    [
      'type: step, step_size: 12, interval: step',
      'the learning rate would first fall after 12 steps, and the run has 12 steps',
    ],
    ['type: step, step_size: 11, interval: step', null],
    ['type: multi_step, milestones: [1, 2]', null],
    ['type: multi_step, milestones: [2, 3]', 'milestone 3 is never reached: the run has 3 epochs'],
    [
      'type: multi_step, milestones: [2, 9, 10], interval: step, warmup: { duration: 3 }',
      'milestones 9 and 10 are never reached: the run has 9 steps after its warm-up',
    ],
    ['type: exponential, gamma: 0.9', null],
    ['type: cosine_restarts, t_0: 3', null],
    ['type: cosine_restarts, t_0: 1, t_mult: 2', null],
    [
      'type: cosine_restarts, t_0: 2',
      'the last cosine ends after 1 of its 2 epochs, as the run has 3 epochs: one would end with 2 or 4',
    ],
    [
      'type: cosine_restarts, t_0: 2, t_mult: 3, interval: step',
      'the last cosine ends after 4 of its 18 steps, as the run has 12 steps: one would end with 8 or 26',
    ],
    [
      'type: cosine_restarts, t_0: 50',
      'the last cosine ends after 3 of its 50 epochs, as the run has 3 epochs: one would end with 50',
    ],
    ['type: linear, total_iters: 3', null],
    ['type: linear', 'the learning rate would get to end_factor after 5 epochs, and the run has 3 epochs'],
    ['type: linear, start_factor: 1', null],
    ['type: polynomial, total_iters: 3', null],
    ['type: polynomial', 'the learning rate would get to 0 after 5 epochs, and the run has 3 epochs'],
    [
      'type: polynomial, interval: step',
      'the learning rate is 0 after 5 steps, and nothing is learnt any more: the run has 12 steps',
    ],
    ['type: one_cycle, max_lr: 0.1', null],
    [
      'type: one_cycle, max_lr: 0.1, interval: epoch',
      'pct_start 0.3 leaves no epoch to rise in, as the run has 3 epochs: it begins near max_lr',
    ],
    [
      'type: one_cycle, max_lr: 0.1, pct_start: 0.6, three_phase: true',
      'with three_phase, the fall takes as long as the rise, and pct_start 0.6 leaves it too little: the run has 12 steps',
    ],
    ['type: reduce_on_plateau, patience: 0', null],
    [
      'type: reduce_on_plateau',
      'with patience 10 the learning rate can fall after 12 evaluations at the earliest, and there are 2 before the last epoch',
    ],
    [
      'type: reduce_on_plateau, patience: 1, monitor: train_loss',
      'with patience 1 the learning rate can fall after 3 epochs at the earliest, and there are 2 before the last epoch',
    ],
    ['type: constant, warmup: { duration: 11 }', null],
  ])('is warned about: %s', (schedule, warning) => {
    const { type } = load(config(schedule)).yaml.schedule;
    const expected = warning === null ? [] : [expect.stringMatching(`^schedule ${type}: .*${warning}$`)];
    expect(load(config(schedule)).warnings).toEqual(expected);
  });
});
