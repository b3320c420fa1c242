import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, load, problemsOf } from './helpers.js';

inTemporaryFolder();

/** Four features, of which two real values follow, as a program has given them. */
const VALUES = `dataset: { type: custom, name: mine, shape: [4], values: [width, height] }
model: [{ type: linear, out_features: 2 }]
loss: { type: mse }
optimizer: { type: sgd }
`;
const record = { isRecord: true };

describe('rules on what the data are', () => {
  it.each([
    [
      'transforms: { random_crop: { padding: 4 }, random_flip: {} }',
      [
        'transforms.random_crop: random_crop is for images, and custom has features → leave it out, or set it to null',
        'transforms.random_flip: random_flip is for images, and custom has features → leave it out, or set it to null',
      ],
    ],
    [
      'transforms: { normalize: { mean: [0], std: [1] }, scale: false }',
      [
        'transforms.normalize: normalize is for images, and custom has features → leave it out, or set it to null',
        'transforms.scale: scale is for images, and custom has features → leave it out: features are never divided by 255',
      ],
    ],
    [
      'checkpoint: { monitor: eval_accuracy }',
      [
        'checkpoint.monitor: eval_accuracy is never known: the data have real values to tell → choose one of eval_loss, eval_rmse, eval_mae, eval_r2, train_loss',
      ],
    ],
    [
      'schedule: { type: reduce_on_plateau, monitor: eval_accuracy }',
      [
        'schedule.monitor: eval_accuracy is never known: the data have real values to tell → choose one of eval_loss, eval_rmse, eval_mae, eval_r2, train_loss',
      ],
    ],
    [
      'expect: [eval_r2>=0.5, best_train_accuracy>=0.5]',
      [
        'expect.1: best_train_accuracy is never known: the data have real values to tell → metrics: loss, rmse, mae, r2, after eval_ or train_',
      ],
    ],
  ])('%s', (added, expected) => {
    expect(problemsOf(`${VALUES}${added}\n`, record)).toEqual(expected);
  });

  it.each(['cross_entropy', 'nll', 'bce_with_logits', 'kl_div'])('real values and loss %s', (type) => {
    expect(problemsOf(VALUES.replace('mse', type), record)).toEqual([
      `loss.type: ${type} is a loss for classes, and the data have 2 real values (width and height) to tell → set loss.type to one of mse, l1, smooth_l1, huber`,
    ]);
  });

  it('real values and the loss that is the default', () => {
    expect(problemsOf(VALUES.replace('loss: { type: mse }\n', ''), record)).toEqual([
      'dataset: cross_entropy is a loss for classes, and the data have 2 real values (width and height) to tell → set loss.type to one of mse, l1, smooth_l1, huber',
    ]);
  });

  it('classes and figures of real values', () => {
    const classes = VALUES.replace('values: [width, height]', 'classes: [cat, dog]');
    expect(problemsOf(`${classes}checkpoint: { monitor: eval_rmse }\n`, record)).toEqual([
      'checkpoint.monitor: eval_rmse is never known: the data have classes to tell → choose one of eval_loss, eval_accuracy, train_loss',
    ]);
    expect(load(classes, record).yaml.loss.type).toBe('mse');
  });

  it('a model with another number of outputs', () => {
    expect(problemsOf(VALUES.replace('out_features: 2', 'out_features: 1'), record)).toEqual([
      'model.0: the last layer gives 1 but the data set has 2 real values to tell → End the model with { type: linear, out_features: 2 }.',
    ]);
  });

  it.each([...['mse', 'l1', 'smooth_l1', 'huber'].map((type) => ['loss', type]), ['monitor', 'eval_r2']])(
    'are kept by %s %s',
    (key, value) => {
      const text =
        key === 'loss' ? VALUES.replace('mse', value!) : `${VALUES}checkpoint: { monitor: ${value} }\n`;
      expect(load(text, record).yaml.name).toBe('config');
    },
  );
});
