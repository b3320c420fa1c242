import { expect, it } from 'vitest';
import { formatDifference, formatMetric, metricText } from '../../src/runs/metric-text.js';

it.each([
  ['accuracy', '50.00 %'],
  ['eval_accuracy', '50.00 %'],
  ['best_train_accuracy', '50.00 %'],
  ['mae', '0.5000'],
  ['best_eval_mae', '0.5000'],
  ['loss', '0.5000'],
  ['eval_loss', '0.5000'],
])('%s is written as %s', (figure, text) => {
  expect(formatMetric(figure, 0.5)).toBe(text);
});

it.each([
  ['eval_accuracy', null, '12.50 points'],
  ['eval_accuracy', 0.01, '12.50 ± 1.00 points'],
  ['eval_mae', null, '0.1250'],
  ['eval_mae', 0.01, '0.1250 ± 0.0100'],
  ['train_loss', 0.01, '0.1250 ± 0.0100'],
])('a difference of %s, with a margin of %d, is written as %s', (figure, margin, text) => {
  expect(formatDifference(figure, 0.125, margin)).toBe(text);
});

it('a figure has words, and one that nobody knows none', () => {
  expect(metricText('best_eval_accuracy')).toBe('best eval accuracy');
  expect(() => formatMetric('eval_beauty', 1)).toThrow('there is no metric beauty');
});
