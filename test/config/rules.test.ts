import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, load, MINIMAL, problemsOf, refused } from './helpers.js';

inTemporaryFolder();

describe('rules across blocks', () => {
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
      'loader: { batch_size: 100, drop_last: true, limit: 99 }',
      [
        'loader.drop_last: leaves nothing to train on: 99 images are less than one batch of 100 → set loader.batch_size to 99 or less, or loader.drop_last to false',
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
    'schedule: { type: step, step_size: 1000 }',
  ])('are kept by: %s', (added) => {
    expect(load(`${MINIMAL}${added}\n`).yaml.name).toBe('config');
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
