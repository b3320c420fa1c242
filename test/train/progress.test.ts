import { describe, expect, it } from 'vitest';
import { WrongValue } from '../../src/base/guards.js';
import { flatFigures } from '../../src/train/epoch-figures.js';
import { newProgress, progressGuard, progressRecord } from '../../src/train/progress.js';
import { classes } from '../helpers/tasks.js';

const TASK = classes(4);
const read = progressGuard(TASK);

/** What a checkpoint of older versions held, in this order. */
const WRITTEN = {
  epoch: 2,
  batch: 3,
  step: 23,
  lr: 0.1,
  tally: { runningLoss: 6.5, totalLoss: 52, divisor: 24, correct: 7, counted: 24, images: 24 },
  last: {
    epoch: 2,
    step: 20,
    runningLoss: 20.5,
    trainLoss: 2.1,
    trainAccuracy: 0.25,
    lr: 0.1,
    evalLoss: 2.25,
    evalAccuracy: 0.125,
    best: true,
  },
  best: { epoch: 2, value: 2.25 },
  history: [2.5, 2.25],
  curve: { first: 2.3, span: 1, stretches: [{ steps: 1, sum: 2.3, max: 2.3 }], epochs: [] },
};

describe('the progress of a run', () => {
  it('is read from what checkpoints of older versions held, and written as the same bytes', () => {
    const progress = read(WRITTEN, 'progress');
    expect(progress.tally.sums).toEqual({ correct: 7, counted: 24 });
    expect([progress.last!.train, progress.last!.eval]).toEqual([{ accuracy: 0.25 }, { accuracy: 0.125 }]);
    expect(JSON.stringify(progressRecord(progress))).toBe(JSON.stringify(WRITTEN));
  });

  it('is the same for an epoch without evaluation, and where nothing was done yet', () => {
    const unevaluated = { ...WRITTEN, last: { ...WRITTEN.last, evalLoss: null, evalAccuracy: null } };
    const progress = read(unevaluated, 'progress');
    expect([progress.last!.evalLoss, progress.last!.eval]).toEqual([null, null]);
    expect(JSON.stringify(progressRecord(progress))).toBe(JSON.stringify(unevaluated));

    const fresh = newProgress(TASK);
    expect(JSON.stringify(progressRecord(fresh))).toBe(
      '{"epoch":0,"batch":0,"step":0,"lr":0,"tally":{"runningLoss":0,"totalLoss":0,"divisor":0,"correct":0,"counted":0,"images":0},"last":null,"best":null,"history":[],"curve":{"first":null,"span":1,"stretches":[],"epochs":[]}}',
    );
    expect(read(JSON.parse(JSON.stringify(progressRecord(fresh))), 'progress')).toEqual(fresh);
  });

  it('has what only an evaluation has, one that is not defined as none', () => {
    const { best, ...figures } = WRITTEN.last;
    const further = { evalTop5Accuracy: 0.5, evalMacroF1: 0.75, evalAuroc: null, evalEce: 0.125 };
    const written = { ...WRITTEN, last: { ...figures, ...further, best } };
    const progress = read(written, 'progress');
    expect(progress.last!.eval).toEqual({
      ...{ accuracy: 0.125, top5_accuracy: 0.5, macro_f1: 0.75, auroc: Number.NaN, ece: 0.125 },
    });
    expect(JSON.stringify(progressRecord(progress))).toBe(JSON.stringify(written));
    const damaged = { ...written, last: { ...written.last, evalEce: 'low' } };
    expect(() => read(damaged, 'progress')).toThrow('progress.last.evalEce is "low"');
  });

  it('is read from before sums and divisors were kept apart', () => {
    const tally = { runningLoss: 6.5, weightedLoss: 52, correct: 7, images: 24 };
    expect(read({ ...WRITTEN, tally }, 'progress').tally).toEqual({
      ...{ runningLoss: 6.5, totalLoss: 52, divisor: 24, samples: 24 },
      sums: { correct: 7, counted: 24 },
    });
  });

  it.each([
    [{ tally: { ...WRITTEN.tally, correct: -1 } }, 'progress.tally.correct is -1'],
    [{ tally: { ...WRITTEN.tally, counted: undefined } }, 'progress.tally.counted is missing'],
    [{ tally: { runningLoss: 6.5, weightedLoss: 52, images: 24 } }, 'progress.tally.correct is missing'],
    [{ last: { ...WRITTEN.last, trainAccuracy: undefined } }, 'progress.last.trainAccuracy is missing'],
    [{ last: { ...WRITTEN.last, evalAccuracy: 'high' } }, 'progress.last.evalAccuracy is "high"'],
    [{ last: { ...WRITTEN.last, epoch: 1 } }, 'progress.last is not of epoch 2'],
  ])('is not read where it is damaged: %#', (damage, message) => {
    const reading = () => read({ ...WRITTEN, ...damage }, 'progress');
    expect(reading).toThrow(WrongValue);
    expect(reading).toThrow(message);
  });
});

describe('flat figures', () => {
  it('have each metric in its place under a name of its own', () => {
    const { last } = read(WRITTEN, 'progress');
    const several = { ...last!, train: { top5_accuracy: 1, mae: 2 }, eval: { top5_accuracy: 3, mae: 4 } };
    expect(Object.entries(flatFigures(several)).slice(3, 9)).toEqual([
      ['trainLoss', 2.1],
      ['trainTop5Accuracy', 1],
      ['trainMae', 2],
      ['lr', 0.1],
      ['evalLoss', 2.25],
      ['evalTop5Accuracy', 3],
    ]);
  });
});
