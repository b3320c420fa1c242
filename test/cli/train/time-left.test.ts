import { describe, expect, it } from 'vitest';
import { leftText, timeLeft } from '../../../src/cli/train/time-left.js';
import type { EpochEvent, StartEvent, StepEvent } from '../../../src/train/events.js';

const START = { type: 'start', epochs: 5, stepsPerEpoch: 10, batchesPerEpoch: 10 } as StartEvent;
const step = (number: number) =>
  ({ type: 'step', epoch: Math.ceil(number / 10), step: number, batch: number }) as StepEvent;
const epoch = (number: number, evalSeconds: number) =>
  ({ type: 'epoch', epoch: number, step: number * 10, evalLoss: 1, evalSeconds }) as EpochEvent;

/** A run whose first step takes 5 s, each other 0.2 s, and an evaluation 3 s. */
function runTo(steps: number, limits: { evaluationEvery: number; maxTime: number | null }): number | null {
  let clock = 0;
  const time = timeLeft(limits, () => clock * 1000);
  time.event(START);
  for (let i = 1; i <= steps; i++) {
    clock += i === 1 ? 5 : 0.2;
    time.event(step(i));
    if (i % 10 > 0) continue;
    time.event({ type: 'evaluation', part: 'eval', epoch: i / 10, batch: 1, batches: 1 });
    clock += 3;
    time.event(epoch(i / 10, 3));
  }
  return time.left();
}

describe('the time left for a run', () => {
  it('is not known before two steps were made', () => {
    expect([0, 1].map((steps) => runTo(steps, { evaluationEvery: 1, maxTime: null }))).toEqual([null, null]);
  });

  it.each([
    // Steps, evaluations, limit: seconds of steps and of evaluations that are known.
    [5, 1, null, 45 * 0.2],
    [25, 1, null, 25 * 0.2 + 3 * 3],
    [25, 2, null, 25 * 0.2 + 2 * 3],
    [25, 0, null, 25 * 0.2],
    [50, 1, null, 0],
    // 5 + 24 * 0.2 + 2 * 3 seconds are gone.
    [25, 1, 20, 20 - 15.8],
    [25, 1, 10, 0],
  ])(
    'after %i steps, with evaluation.every=%i and max_time=%s, is %d s',
    (steps, evaluationEvery, maxTime, seconds) => {
      expect(runTo(steps, { evaluationEvery, maxTime })).toBeCloseTo(seconds, 6);
    },
  );

  it('takes no pause for a slow step, and slow steps for no pause', () => {
    let clock = 0;
    const time = timeLeft({ evaluationEvery: 0, maxTime: null }, () => clock * 1000);
    time.event(START);
    const make = (number: number, seconds: number): number | null => {
      clock += seconds;
      time.event(step(number));
      return time.left();
    };
    for (let i = 1; i <= 9; i++) make(i, 0.2);
    expect(make(10, 3600)).toBeCloseTo(40 * 0.2, 6);
    expect(make(11, 0.2)).toBeCloseTo(39 * 0.2, 6);
    make(12, 10);
    expect(make(13, 10)).toBeGreaterThan(37);
  });

  it.each([
    [0, '0 s'],
    [0.2, '1 s'],
    [59.1, '1 min 0 s'],
    [200, '3 min 20 s'],
    [3900, '1 h 5 min'],
  ])('%d s is told as %s', (seconds, text) => {
    expect(leftText(seconds)).toBe(text);
  });
});
