import { describe, expect, it } from 'vitest';
import { addBatch, emptyTally, lossAsOneBatch, meanLoss } from '../../src/train/metrics.js';
import { metricsOf } from '../../src/train/task/index.js';
import { classes } from '../helpers/tasks.js';

const TASK = classes(4);

/** Three batches: a short one, and one in which nothing counts. */
const BATCHES = [
  { loss: 3, total: 12, divisor: 4, sums: { correct: 2, counted: 4 }, size: 4 },
  { loss: 6, total: 3, divisor: 0.5, sums: { correct: 0, counted: 1 }, size: 1 },
  { loss: Number.NaN, total: 0, divisor: 0, sums: { correct: 0, counted: 0 }, size: 2 },
];

const tallyOf = (batches: typeof BATCHES) => {
  const tally = emptyTally(TASK);
  for (const batch of batches) addBatch(tally, batch);
  return tally;
};

describe('the figures of several batches', () => {
  it('are sums over sums, to which a batch in which nothing counts adds nothing', () => {
    const tally = tallyOf(BATCHES);
    expect(tally).toMatchObject({ runningLoss: 9, samples: 7 });
    expect(meanLoss(tally)).toBe(15 / 4.5);
    expect(metricsOf(TASK, tally.sums)).toEqual({ accuracy: 2 / 5 });
    expect(lossAsOneBatch(tally, 'mean')).toBe(15 / 4.5);
    expect(lossAsOneBatch(tally, 'sum')).toBe(15);
  });

  it('are not numbers where nothing counts at all', () => {
    const nothing = tallyOf(BATCHES.slice(2));
    expect(meanLoss(nothing)).toBeNaN();
    expect(metricsOf(TASK, nothing.sums)).toEqual({ accuracy: Number.NaN });
  });

  it('keep a loss that is not a number', () => {
    const lost = { ...BATCHES[0]!, loss: Number.NaN, total: Number.NaN };
    expect(meanLoss(tallyOf([lost, ...BATCHES]))).toBeNaN();
    expect(tallyOf([lost]).runningLoss).toBeNaN();
  });
});
