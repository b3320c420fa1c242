import { describe, expect, it } from 'vitest';
import { isBetterLarger, parseGate } from '../../src/config/expect.js';

describe('a gate', () => {
  it.each([
    ['eval_accuracy>=0.6', [null, 'eval_accuracy', '>=', 0.6]],
    ['adam.eval_loss <= 1.2', ['adam', 'eval_loss', '<=', 1.2]],
    ['adam-lr-0.01.best_eval_loss<1e-3', ['adam-lr-0.01', 'best_eval_loss', '<', 0.001]],
    ['train_loss>0', [null, 'train_loss', '>', 0]],
  ])('%s', (text, [variant, metric, operator, bound]) => {
    expect(parseGate(text)).toEqual({ text, variant, metric, operator, bound, ofBaseline: 0 });
  });

  it.each([
    ['eval_accuracy>=baseline-0.01', -0.01, 1],
    ['adam.eval_accuracy >= baseline - 0.01', -0.01, 1],
    ['eval_loss<=1.05*baseline', 0, 1.05],
    ['eval_loss<1.05 * baseline + 1e-3', 0.001, 1.05],
    ['eval_loss<=baseline', 0, 1],
    ['eval_loss<=baseline+.5', 0.5, 1],
  ])('%s is held against a baseline', (text, bound, ofBaseline) => {
    expect(parseGate(text)).toMatchObject({ bound, ofBaseline });
  });

  it.each([
    ['eval_acuracy>=0.6', 'did you mean `eval_accuracy`?', 0, 12],
    ['adam.acc>=0.6', 'there is no metric `acc`', 5, 8],
    ['eval_accuracy=0.6', 'expected metric>=number', 0, 17],
    ['eval_accuracy>=60%', 'write 0.6', 15, 18],
    ['eval_accuracy>=basline-0.01', 'write baseline-0.01', 15, 27],
    ['eval_accuracy>=baseline-1%', 'write baseline-0.01', 15, 26],
    ['eval_accuracy>=baseline-1', 'write baseline-0.01', 15, 25],
    ['eval_loss<=1e400*baseline', 'larger than any number', 11, 25],
    ['eval_loss<=0*baseline', 'expects nothing of it', 11, 21],
    ['eval_accuracy>=', 'a number is missing', 14, 15],
    ['train_auroc>=0.6', 'auroc is of evaluation alone', 0, 11],
    ['x.best_train_ece<1', 'take `best_eval_ece`', 2, 16],
    ['>=0.6', 'a metric is missing', 0, 1],
    ['', 'expected metric>=number', 0, 0],
  ])('%s is none: %s', (text, expected, start, end) => {
    const problem = parseGate(text);
    expect(JSON.stringify(problem)).toContain(expected);
    expect(problem).toMatchObject({ start, end });
  });

  it('knows which way is better', () => {
    expect([isBetterLarger('best_eval_accuracy'), isBetterLarger('eval_loss')]).toEqual([true, false]);
  });
});
