import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, load, MINIMAL, problemsOf, refused } from './helpers.js';

inTemporaryFolder();

describe('rules across blocks', () => {
  it('leave for the end what is not trained on', () => {
    const text = (dataset: string) => MINIMAL.replace('type: shapes', `type: cifar10, ${dataset}`);
    expect(problemsOf(text('eval_split: train, split: { val: 0.1 }'))).toEqual([
      'dataset.split: dataset.split leaves dataset.eval_split for the end, and this is train, as is dataset.train_split: it would be learnt by heart → set dataset.eval_split to the other of train and test, or dataset.split to null',
    ]);
    expect(load(text('eval_split: train')).warnings).toEqual([]);
  });

  it.each([
    [
      'transforms: { normalize: { mean: [0.5], std: [0.5, 0.5, 0.5] } }',
      [
        'transforms.normalize.mean: expected 3 numbers, one for each channel of shapes; received 1 → write it for each channel: [0.5, 0.5, 0.5]',
      ],
    ],
    [
      'transforms: { normalize: { mean: [0, 0, 0, 0], std: [1, 1] } }',
      [
        'transforms.normalize.mean: expected 3 numbers, one for each channel of shapes; received 4',
        'transforms.normalize.std: expected 3 numbers, one for each channel of shapes; received 2',
      ],
    ],
    [
      'transforms: { random_crop: { padding: 33 } }',
      [
        'transforms.random_crop.padding: expected at most 32, the size of the images; received 33 → 4 is usual',
      ],
    ],
    [
      'loader: { sampler: balanced, shuffle: false }',
      [
        'loader.sampler: balanced draws samples by lot, and loader.shuffle is false → set loader.shuffle to true, or loader.sampler to null',
      ],
    ],
    [
      'evaluation: { every: 0 }',
      [
        'evaluation.every: checkpoint.monitor is eval_loss, which is never known, as evaluation.every is 0 → set checkpoint.monitor to train_loss, or evaluation.every to 1 or more',
      ],
    ],
    [
      'evaluation: { every: 0 }\ncheckpoint: { monitor: eval_accuracy }',
      [
        'checkpoint.monitor: checkpoint.monitor is eval_accuracy, which is never known, as evaluation.every is 0 → set checkpoint.monitor to train_loss, or evaluation.every to 1 or more',
      ],
    ],
    [
      'evaluation: { every: 0 }\ncheckpoint: { monitor: train_loss }\nschedule: { type: reduce_on_plateau }',
      [
        'evaluation.every: schedule.monitor is eval_loss, which is never known, as evaluation.every is 0 → set schedule.monitor to train_loss, or evaluation.every to 1 or more',
      ],
    ],
    [
      'epochs: 5\nschedule: { type: cosine, warmup: { duration: 5, interval: epoch } }',
      [
        'schedule.warmup.duration: expected less than 5, the epochs of the run; received 5 → set epochs to more than 5, or schedule.warmup.interval to step',
      ],
    ],
    [
      'clip_grad_norm: 1\nclip_grad_value: 0.5',
      [
        'clip_grad_value: gradients are clipped by norm or by value, not both; clip_grad_norm is 1 → set clip_grad_value or clip_grad_norm to null',
      ],
    ],
    [
      'loss: { type: cross_entropy, weight: [1, 2] }',
      [
        'loss.weight: expected 10 numbers, one for each class of shapes; received 2 → 1 leaves a class as it is',
      ],
    ],
    [
      'loss: { type: bce_with_logits, weight: [1], pos_weight: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] }',
      [
        'loss.weight: expected 10 numbers, one for each class of shapes; received 1 → 1 leaves a class as it is',
        'loss.pos_weight: expected 10 numbers, one for each class of shapes; received 11 → 1 leaves a class as it is',
      ],
    ],
    [
      'loader: { batch_size: 100, drop_last: true, limit: 99 }',
      [
        'loader.drop_last: leaves nothing to train on: 99 samples are less than one batch of 100 → set loader.batch_size to 99 or less, or loader.drop_last to false',
      ],
    ],
    [
      'runs_dir: ~/runs',
      [
        'runs_dir: ~/runs would be a folder with the name ~: only a shell knows what it stands for → write the path in full',
      ],
    ],
  ])('%s', (added, expected) => {
    expect(problemsOf(`${MINIMAL}${added}\n`)).toEqual(expected);
  });

  it.each([
    'transforms: { normalize: { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] }, random_crop: { padding: 32 } }',
    'evaluation: { every: 0 }\ncheckpoint: { monitor: train_loss }',
    'loader: { batch_size: 100, drop_last: true, limit: 100 }',
    'loader: { batch_size: 100, limit: 99 }',
    'loss: { type: nll, weight: [1, 1, 1, 1, 1, 1, 1, 1, 0, 2.5] }',
    'loss: { type: bce_with_logits, weight: null, pos_weight: [1, 1, 1, 1, 1, 1, 1, 1, 1, 9] }',
    'loss: { type: mse }',
    'clip_grad_norm: null\nclip_grad_value: 0.5',
    'clip_grad_norm: 1\nclip_grad_value: null',
    'schedule: { type: step, step_size: 1000 }',
    'evaluation: { every: 0 }\ncheckpoint: { monitor: train_loss }\nschedule: { type: reduce_on_plateau, monitor: train_loss }',
    'schedule: { type: one_cycle, max_lr: 0.1 }',
    'schedule: { type: one_cycle, max_lr: 0.1, cycle_momentum: false }',
    'epochs: 5\nschedule: { type: cosine, warmup: { duration: 4, interval: epoch } }',
    'epochs: 5\nschedule: { type: cosine, warmup: { duration: 5 } }',
  ])('are kept by: %s', (added) => {
    expect(load(`${MINIMAL}${added}\n`).yaml.name).toBe('config');
  });

  it.each([
    ['nadam', ', cycle_momentum: true', 'schedule.cycle_momentum'],
    ['adagrad', '', 'schedule.type'],
    ['adadelta', '', 'schedule.type'],
    ['adamax', '', null],
    ['rmsprop', ', cycle_momentum: true', null],
    ['adagrad', ', cycle_momentum: false', null],
  ])('on momentum that is cycled: %s%s', (optimizer, added, path) => {
    const schedule = `schedule: { type: one_cycle, max_lr: 0.1${added} }\n`;
    const text = MINIMAL.replace('sgd', optimizer) + schedule;
    if (path === null) return expect(load(text).yaml.optimizer.type).toBe(optimizer);
    expect(problemsOf(text)).toEqual([
      `${path}: one_cycle cycles the momentum, and ${optimizer} has none that may change during a run → set schedule.cycle_momentum to false`,
    ]);
  });

  it('are checked when unrelated blocks are invalid, and left out when their own are', () => {
    const text = `${MINIMAL}epochs: 0\nevaluation: { every: 0 }\ntransforms: { random_crop: { padding: 40 }, random_flip: 3 }\n`;
    expect(problemsOf(text).map((line) => line.split(':')[0])).toEqual([
      'epochs',
      'evaluation.every',
      'transforms.random_flip',
    ]);
  });

  it('point at the value', () => {
    expect(refused(MINIMAL, { overrides: ['transforms.random_crop.padding=64'] })).toMatchInlineSnapshot(`
      "command line  transforms.random_crop.padding
        expected at most 32, the size of the images; received 64
        → 4 is usual

          transforms.random_crop.padding=64
                                         ^^

      1 problem on the command line"
    `);
  });
});
