import { describe, expect, it } from 'vitest';
import { Damage } from '../../../src/runs/store/damage.js';
import type { Measured } from '../../../src/runs/store/figures.js';
import { figuresOf, type KeyedFigures } from '../../../src/runs/store/figures.js';
import { lineReader } from '../../../src/runs/store/records.js';
import { measuredOf } from '../../../src/train/task/index.js';
import { MAE as KIND } from '../../../src/train/task/metrics.js';
import { classes } from '../../helpers/tasks.js';

const MAE = { ...KIND, chance: null };

const ACCURACY = classes(10).metrics;
const TOP: Measured = { ...ACCURACY[0]!, name: 'top5_accuracy' };

const EPOCH = {
  ...{ type: 'epoch', epoch: 1, step: 8, running_loss: 18, train_loss: 2.25, lr: 0.1, eval_loss: 2.5 },
  best: true,
};
const read = (metrics: readonly Measured[], record: object) => lineReader(metrics)(JSON.stringify(record));

describe('the record of an epoch', () => {
  it('has the metrics of its task', () => {
    const accuracy = { ...EPOCH, train_accuracy: 0.5, eval_accuracy: 0.25 };
    expect(read(ACCURACY, accuracy)).toEqual(accuracy);
    const mae = { ...EPOCH, train_mae: 0.5, eval_mae: 4 };
    expect(read([MAE], mae)).toEqual(mae);
    // What is of another task is not read.
    expect(read([MAE], { ...mae, ...accuracy })).toEqual(mae);
  });

  it('is read from before the task had its further ones', () => {
    const old = { ...EPOCH, train_accuracy: 0.5, eval_accuracy: null };
    expect(read([...ACCURACY, TOP], old)).toEqual(old);
    const young = { ...old, train_top5_accuracy: 0.75, eval_top5_accuracy: null };
    expect(read([...ACCURACY, TOP], young)).toEqual(young);
    expect(read(ACCURACY, young)).toEqual(old);
  });

  it('has those of evaluation alone, where there was one', () => {
    const metrics = measuredOf({ kind: 'class', names: ['a', 'b'] }, 'cross_entropy');
    const evaluated = { ...EPOCH, train_accuracy: 0.5, eval_accuracy: 0.25, eval_auroc: null, eval_ece: 0.1 };
    expect(read(metrics, evaluated)).toEqual(evaluated);
    // There is none of training.
    expect(read(metrics, { ...evaluated, train_ece: 1 })).toEqual(evaluated);
    expect(() => read(metrics, { ...evaluated, eval_ece: 'small' })).toThrow('eval_ece is "small"');
    expect(Object.keys(figuresOf([evaluated as unknown as KeyedFigures], metrics, null))).not.toContain(
      'train_ece',
    );
  });

  it('is damaged without the primary one, and with one that is no number', () => {
    const reading = (metrics: readonly Measured[], figures: object) => () =>
      read(metrics, { ...EPOCH, ...figures });
    expect(reading(ACCURACY, { eval_accuracy: 0.25 })).toThrow(Damage);
    expect(reading(ACCURACY, { eval_accuracy: 0.25 })).toThrow('train_accuracy is missing');
    expect(reading(ACCURACY, { train_accuracy: 0.25 })).toThrow('eval_accuracy is missing');
    expect(reading(ACCURACY, { train_accuracy: null, eval_accuracy: 0.25 })).toThrow(
      'train_accuracy is null; expected a number',
    );
    expect(reading([MAE], { train_mae: 'small', eval_mae: 1 })).toThrow(
      'train_mae is "small"; expected a number',
    );
    // A value may be too large for a number: the record has null for it.
    expect(reading([MAE], { train_mae: null, eval_mae: null })).not.toThrow();
  });
});

describe('the record of times', () => {
  const timing = { type: 'timing', epoch: 1, train_seconds: 2, eval_seconds: 0.5 };

  it.each([
    [{ images_per_second: 64 }, 64],
    [{ samples_per_second: 64 }, 64],
    [{ samples_per_second: 64, images_per_second: 64 }, 64],
    [{ samples_per_second: null, images_per_second: null }, null],
    [{ images_per_second: null }, null],
  ])('has the speed under its old name and its new one: %j', (speed, expected) => {
    expect(read([], { ...timing, ...speed })).toEqual({ ...timing, samples_per_second: expected });
  });
});

describe('the figures of a run', () => {
  it('are those of its task: the last ones and the best ones', () => {
    const epochs: readonly object[] = [
      { eval_mae: 3, train_mae: 4 },
      { eval_mae: 1, train_mae: 2 },
      { eval_mae: 2, train_mae: 1 },
    ];
    expect<object>(figuresOf(epochs as readonly KeyedFigures[], [MAE], null)).toEqual({
      ...{ eval_mae: 2, best_eval_mae: 1, train_mae: 1, best_train_mae: 1 },
      ...{ eval_loss: null, best_eval_loss: null, train_loss: null, best_train_loss: null },
    });
    expect(figuresOf([], ACCURACY, null)).not.toHaveProperty('eval_mae');
  });

  it('are those of the samples that were left for the end, where there are any', () => {
    expect(figuresOf([], [MAE], null)).not.toHaveProperty('test_mae');
    const test = { epoch: 2, test_loss: 0.5, test_mae: 0.25 };
    expect(figuresOf([], [MAE], test)).toMatchObject({ test_loss: 0.5, test_mae: 0.25, eval_mae: null });
  });
});
