import { describe, expect, it } from 'vitest';
import { overBy, waitedFor } from '../../src/train/stopping.js';

const loss = { minDelta: 0, monitor: 'eval_loss' } as const;
const accuracy = { minDelta: 0, monitor: 'eval_accuracy' } as const;

describe('how long nothing has become better', () => {
  it.each([
    [[], loss, 0],
    [[1], loss, 0],
    [[1, 0.9, 0.8], loss, 0],
    [[1, 0.8, 0.9, 0.85], loss, 2],
    // As good is no better.
    [[1, 1, 1], loss, 2],
    [[0.5, 0.6, 0.6, 0.55], accuracy, 2],
    // Small steps count once they add up.
    [[1, 0.95, 0.9, 0.85], { ...loss, minDelta: 0.1 }, 0],
    [[1, 0.95, 0.91], { ...loss, minDelta: 0.1 }, 2],
    [[0.5, 0.55, 0.59], { ...accuracy, minDelta: 0.1 }, 2],
    // What is no number is no better, whatever comes first.
    [[Number.NaN, 1, Number.NaN], loss, 1],
    [[Number.NaN, Number.NaN], loss, 2],
    [[Number.POSITIVE_INFINITY, 2], loss, 0],
  ])('%j, %j: %i', (watched, options, waited) => {
    expect(waitedFor(watched, options)).toBe(waited);
  });
});

describe('what ends a run', () => {
  const options = {
    epochs: 5,
    earlyStopping: { patience: 2, restoreBest: false, ...loss },
    maxTime: 10,
  } as const;

  it.each([
    [{ epoch: 5, watched: [1, 2, 3], seconds: 99 }, 'epochs'],
    [{ epoch: 3, watched: [1, 2, 3], seconds: 99 }, 'early_stopping'],
    [{ epoch: 2, watched: [1, 2], seconds: 10 }, 'max_time'],
    [{ epoch: 2, watched: [1, 2], seconds: 9.9 }, null],
  ] as const)('%j: %s', (course, over) => {
    expect(overBy(course, options)).toBe(over);
    expect(overBy(course, { ...options, earlyStopping: null, maxTime: null })).toBe(
      over === 'epochs' ? over : null,
    );
  });
});
