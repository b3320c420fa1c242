import { describe, expect, it } from 'vitest';
import { compareTrials, judgeTrial, type LrTrial, type LrTrialGoal } from '../../src/train/lr-trial.js';
import { RandomStream } from '../../src/train/random.js';

const GOAL: LrTrialGoal = { start: 2.3, fall: 0.6, least: 200, most: 800 };

/** 200 losses, of a function of 0 to 1, with noise of so much. */
function losses(of: (x: number) => number, noise = 0, steps = 200): number[] {
  const random = new RandomStream(0, 'shapes', noise);
  return Array.from({ length: steps }, (_, i) => of(i / (steps - 1)) + noise * random.normal());
}

const trial = (of: (x: number) => number, noise = 0, steps = 200): LrTrial => {
  const made = losses(of, noise, steps);
  const last = made.slice(-steps / 4);
  return {
    lr: 0.1,
    status: 'stable',
    end: last.reduce((sum, loss) => sum + loss, 0) / last.length,
    losses: made,
  };
};

describe('judgeTrial', () => {
  it.each<[string, (x: number) => number, number, string]>([
    ['falls', (x) => 2.3 - 1.5 * x, 0, 'stable'],
    ['falls through noise', (x) => 2.3 - 1.5 * x, 0.4, 'stable'],
    ['falls half as far as the range test', (x) => 2.3 - 0.38 * x, 0, 'stable'],
    ['falls less far', (x) => 2.3 - 0.2 * x, 0, 'flat'],
    ['stays', () => 2.3, 0.1, 'flat'],
    ['falls and rises', (x) => 2.3 - 3 * Math.min(x, 1 - x), 0, 'rose'],
    ['shoots up', (x) => 2.3 + 40 * x, 0, 'diverged'],
    ['shoots up for a while', (x) => (x < 0.1 ? 30 : 2.3 - 1.5 * x), 0, 'stable'],
  ])('%s: %s', (_, of, noise, status) => {
    expect(judgeTrial(losses(of, noise), GOAL)).toBe(status);
  });

  it('takes no noise for a rise', () => {
    // Batches of one: the mean of a quarter strays by a tenth of what it fell.
    expect(
      judgeTrial(
        losses((x) => 2.3 - 1.2 * Math.min(1, 2 * x), 1.5),
        GOAL,
      ),
    ).toBe('stable');
  });

  it('has no cliff in how far the range test fell', () => {
    const of = losses((x) => 2.3 - 1.5 * x);
    for (const share of [0.049, 0.05, 0.051, 0.053])
      expect(judgeTrial(of, { ...GOAL, fall: share * 2.3 })).toBe('stable');
    const lost = losses((x) => 2.31 + 0.02 * Math.sin(9 * x));
    for (const share of [0.049, 0.05, 0.051, 0.053])
      expect(judgeTrial(lost, { ...GOAL, fall: share * 2.3 })).toBe('flat');
  });
});

describe('compareTrials', () => {
  it('holds two trials against each other, noise apart', () => {
    const [near, far] = [trial((x) => 2.3 - 0.5 * x), trial((x) => 2.3 - 1.5 * x)];
    expect(compareTrials(near, far, 2.3)).toBe('worse');
    expect(compareTrials(far, near, 2.3)).toBe('ahead');
    expect(
      compareTrials(
        trial((x) => 2.3 - 1.45 * x),
        far,
        2.3,
      ),
    ).toBe('behind');
    expect(compareTrials(far, far, 2.3)).toBe('ahead');
    const noisy = compareTrials(
      trial((x) => 2.3 - 1.2 * x, 2),
      trial((x) => 2.3 - 1.5 * x, 2),
      2.3,
    );
    expect(noisy).not.toBe('worse');
  });

  it('compares as many steps of both, and takes what diverged for worse', () => {
    const short = trial((x) => 2.3 - 0.5 * x, 0, 200);
    expect(
      compareTrials(
        short,
        trial((x) => 2.3 - 1.5 * x, 0, 800),
        2.3,
      ),
    ).not.toBe('worse');
    const gone = { ...short, end: null, status: 'diverged' } as const;
    expect(compareTrials(gone, short, 2.3)).toBe('worse');
    expect(compareTrials(short, gone, 2.3)).toBe('ahead');
  });
});
