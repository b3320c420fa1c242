import { describe, expect, it } from 'vitest';
import { betterOf, isBetter, METRIC_NAMES, MONITORS, metricKind } from '../../../src/train/task/index.js';

describe('metrics by name', () => {
  it('are those that a run can be monitored by, next to its losses', () => {
    expect(METRIC_NAMES).toEqual([
      ...['accuracy', 'top5_accuracy', 'balanced_accuracy', 'macro_f1', 'auroc', 'log_loss', 'ece'],
      ...['perplexity', 'bits_per_char'],
      ...['rmse', 'mae', 'r2'],
    ]);
    const monitors = METRIC_NAMES.map((name) => `eval_${name}`);
    expect(MONITORS).toEqual(['eval_loss', ...monitors, 'train_loss']);
    expect(metricKind('accuracy')).toEqual({
      name: 'accuracy',
      label: 'acc',
      better: 'larger',
      display: 'share',
    });
    expect(() => metricKind('acuracy')).toThrow(new RangeError('there is no metric acuracy'));
  });

  it.each([
    ['eval_loss', 'smaller'],
    ['best_train_loss', 'smaller'],
    ['eval_accuracy', 'larger'],
    ['best_eval_accuracy', 'larger'],
    ['train_accuracy', 'larger'],
    ['eval_perplexity', 'smaller'],
    ['best_eval_bits_per_char', 'smaller'],
    ['eval_rmse', 'smaller'],
    ['best_train_mae', 'smaller'],
    ['best_eval_r2', 'larger'],
  ])('have a direction: %s is better when it is %s', (figure, better) => {
    expect(betterOf(figure)).toBe(better);
    expect(isBetter(figure, 2, 1)).toBe(better === 'larger');
    expect(isBetter(figure, 1, 2)).toBe(better === 'smaller');
    expect(isBetter(figure, 1, 1)).toBe(false);
  });

  it('of no task have none', () => {
    expect(() => betterOf('eval_speed')).toThrow(RangeError);
  });
});
