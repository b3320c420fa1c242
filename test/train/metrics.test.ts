import { describe, expect, it } from 'vitest';
import { addBatch, emptyTally, lossAsOneBatch, means } from '../../src/train/metrics.js';

/** Two batches, of which the second is short. */
const BATCHES = [
  { loss: 3, correct: 2, size: 4 },
  { loss: 6, correct: 0, size: 1 },
];

describe('the figures of several batches', () => {
  it.each([
    { reduction: 'mean', runningLoss: 9, perImage: (3 * 4 + 6) / 5, asOneBatch: (3 * 4 + 6) / 5 },
    { reduction: 'sum', runningLoss: 9, perImage: (3 + 6) / 5, asOneBatch: 3 + 6 },
  ] as const)('with reduction $reduction', ({ reduction, runningLoss, perImage, asOneBatch }) => {
    const tally = emptyTally();
    for (const batch of BATCHES) addBatch(tally, batch, reduction);
    expect(tally.runningLoss).toBe(runningLoss);
    expect(means(tally)).toEqual({ loss: perImage, accuracy: 2 / 5 });
    expect(lossAsOneBatch(tally, reduction)).toBe(asOneBatch);
  });
});
