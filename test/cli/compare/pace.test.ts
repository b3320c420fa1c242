import { describe, expect, it } from 'vitest';
import { Pace, roughly } from '../../../src/cli/compare/pace.js';
import type { TrainEvent } from '../../../src/train/events.js';

const start = (resumedAtStep = 0) =>
  ({ type: 'start', epochs: 4, stepsPerEpoch: 10, resumedAtStep }) as TrainEvent;
const step = (at: number) => ({ type: 'step', step: at }) as TrainEvent;

describe('Pace', () => {
  it('tells how long the rest takes from what the runs under way have done', () => {
    let now = 0;
    const pace = new Pace(() => now);
    pace.plan(8);
    pace.begin('a', 0, 4);
    pace.begin('b', 0, 4);
    now = 5000;
    // That a process starts first is no measure.
    pace.event('a', start());
    pace.event('b', start());
    expect(pace.left).toBeNull();
    now = 7000;
    pace.event('a', step(10));
    pace.event('b', step(10));
    expect([pace.share, pace.left, pace.text]).toEqual([0.25, 6, 'about 6 s left']);
  });

  it('leaves out what was trained before, and what is not trained as a run diverged', () => {
    let now = 0;
    const pace = new Pace(() => now);
    pace.plan(8);
    pace.begin('a', 0, 4);
    pace.event('a', start(20));
    now = 1000;
    pace.event('a', step(30));
    expect(pace.left).toBeCloseTo(5, 9);
    pace.end('a');
    // Two epochs of six: b has all of its four to go.
    expect(pace.share).toBeCloseTo(2 / 6, 9);
  });
});

describe('roughly', () => {
  it.each([
    [0.2, '1 s'],
    [7.4, '7 s'],
    [42, '40 s'],
    [100, '2 min'],
    [3700, '1 h 2 min'],
  ])('%d seconds are about %s', (seconds, text) => {
    expect(roughly(seconds)).toBe(text);
  });
});
