import { describe, expect, it } from 'vitest';
import { type LrPoint, type LrRange, lrAt } from '../../src/train/lr-range-test.js';
import { smoothed, suggestLr } from '../../src/train/lr-suggestion.js';
import { fixture } from '../helpers/fixtures.js';

const RANGE: LrRange = { min: 1e-7, max: 10, steps: 400 };

/** The test whose loss is this function of log10(lr). */
function curve(of: (x: number) => number, steps = RANGE.steps): LrPoint[] {
  return Array.from({ length: steps }, (_, i) => {
    const lr = lrAt(RANGE, i);
    const loss = of(Math.log10(lr));
    return { step: i + 1, lr, loss, smoothedLoss: loss };
  });
}

/** Falls from 2.3 by 1.5, most steeply at 10^centre, in about a power of ten to each side. */
const falls = (centre: number) => (x: number) => 2.3 - 1.5 / (1 + Math.exp(-4 * (x - centre)));
/** The same, and shoots up from 10^edge on. */
const breaks = (centre: number, edge: number) => (x: number) =>
  falls(centre)(x) + (x > edge ? 10 ** (3 * (x - edge)) - 1 : 0);
/** Recorded tests of all presets; header of test/fixtures/make_lr_curves.mjs. */
const RECORDED =
  fixture<Record<string, { optimizer: string; range: LrRange; losses: number[] }[]>>('lr_curves.json');

/**
 * What training makes of learning rates, half a power of ten apart or closer, in 4 epochs, with seed 0:
 *
 *     lossnet compare optimizer.lr=0.001,0.003,0.01 --config configs/shapes-sgd.yaml epochs=4 'optimizer={ type: adam }'
 *
 * From `low` to `high`, the evaluation accuracy is within a tenth of the best; from `lost` on, below half of it, if
 * anywhere up to ten times the best learning rate.
 */
const TRAINED: Record<string, [low: number, high: number, lost: number | null]> = {
  'cifar sgd': [0.03, 0.1, 0.3],
  'cifar momentum': [0.02, 0.03, 0.05],
  'cifar nesterov': [0.0135, 0.018, 0.03],
  'cifar adam': [0.001, 0.003, null],
  'cifar adamw': [0.001, 0.003, null],
  'cifar rmsprop': [0.0003, 0.0003, 0.01],
  'cifar adagrad': [0.003, 0.003, 0.1],
  'shapes sgd': [0.19, 0.3, 1],
  'shapes momentum': [0.02, 0.07, 0.1],
  'shapes nesterov': [0.029, 0.05, 0.1],
  'shapes adam': [0.001, 0.01, 0.03],
  'shapes adamw': [0.001, 0.0075, 0.01],
  'shapes rmsprop': [0.00073, 0.003, null],
  'shapes adagrad': [0.01, 0.03, null],
};

/** The same noise every time, about normal. */
const noise = (size: number) => {
  let seed = 1;
  const next = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  return () => size * (next() + next() + next()) * 2;
};

describe('suggestLr', () => {
  it.each([-4, -3, -2])('finds where the loss falls most steeply: 10^%i', (centre) => {
    const found = suggestLr(curve(breaks(centre, 0)), RANGE);
    expect(found).toMatchObject({ found: true, fallsFromStart: false, fallsToEnd: false });
    if (!found.found) return;
    expect(Math.abs(Math.log10(found.steepest.lr) - centre)).toBeLessThan(0.15);
    expect(found.band.low).toBeLessThan(found.steepest.lr);
    expect(found.fallShare).toBeGreaterThan(0.5);
    expect(found.fallShare).toBeLessThan(1.5 / 2.3);
  });

  it('suggests half the lr of the lowest loss, the end of the band, wherever the fall begins', () => {
    const found = [-5, -4, -3].map((begin) =>
      suggestLr(
        curve((x) => 2.3 - 0.4 * Math.max(0, x - begin) + (x > -1 ? 10 ** (3 * (x + 1)) - 1 : 0)),
        RANGE,
      ),
    );
    const lrs = found.map((one) => {
      if (!one.found) throw new Error(one.reason);
      expect(one.lr / one.lowest.lr).toBeCloseTo(0.5, 1);
      expect(one.band.high).toBe(one.lr);
      return one.lr;
    });
    // It breaks at 0.1, and smoothing brings that forward.
    for (const lr of lrs) expect(lr).toBeLessThan(0.05);
    for (const lr of lrs) expect(lr).toBeGreaterThan(0.01);
    const lows = found.map((one) => (one.found ? one.band.low : 0));
    expect(lows[2]! / lows[0]!).toBeGreaterThan(30);
  });

  it('finds it through noise, the same every time', () => {
    const make = () => {
      const next = noise(0.15);
      return suggestLr(
        curve((x) => breaks(-3, -0.5)(x) + next()),
        RANGE,
      );
    };
    const found = make();
    expect(found.found && Math.abs(Math.log10(found.steepest.lr) + 3)).toBeLessThan(0.4);
    expect(make()).toEqual(found);
  });

  it('has a band from where the loss begins to fall to half of where it is lowest', () => {
    const found = suggestLr(curve(breaks(-3, -1)), RANGE);
    if (!found.found) throw new Error(found.reason);
    // 10 % of the fall is behind where 1 / (1 + exp(-4 (x + 3))) is 0.1: at x = -3.55.
    expect(Math.abs(Math.log10(found.band.low) + 3.55)).toBeLessThan(0.4); // as far as smoothing reaches
    expect(found.band.high).toBeCloseTo(found.lowest.lr / 2, 2);
    expect(Math.log10(found.lowest.lr)).toBeGreaterThan(-2);
    expect(Math.log10(found.lowest.lr)).toBeLessThan(-0.8);
  });

  it('never suggests more than the band, where the fall ends in a break', () => {
    const found = suggestLr(curve(breaks(-1, -1)), RANGE);
    if (!found.found) throw new Error(found.reason);
    expect(found.band.low).toBeLessThanOrEqual(found.lr);
    expect(found.lr).toBeLessThan(0.1);
  });

  it.each(Object.entries(TRAINED))('on %s, suggests what trains well', (name, [low, high, lost]) => {
    const [model, optimizer] = name.split(' ') as [string, string];
    const { range, losses } = RECORDED[model]!.find((entry) => entry.optimizer === optimizer)!;
    const points = losses.map((loss, i) => ({ step: i + 1, lr: lrAt(range, i), loss, smoothedLoss: loss }));
    const found = suggestLr(points, range);
    if (!found.found) throw new Error(found.reason);
    expect(found.lr).toBeGreaterThan(low / 2.5);
    expect(found.lr).toBeLessThan(high * 2.5);
    if (lost !== null) expect(found.lr).toBeLessThan(lost * 0.8);
  });

  it('says when the loss fell from the first step on, and when it fell to the last', () => {
    expect(suggestLr(curve(breaks(-6.9, -2)), RANGE)).toMatchObject({ found: true, fallsFromStart: true });
    expect(suggestLr(curve(falls(1)), RANGE)).toMatchObject({ found: true, fallsToEnd: true });
  });

  it.each([
    ['stays', () => 2.3],
    ['only rises', (x: number) => 2.3 + 10 ** (x - 1)],
  ])('suggests nothing for a loss that %s', (_, of) => {
    expect(suggestLr(curve(of), RANGE)).toEqual({ found: false, reason: 'no_fall' });
  });

  it('suggests nothing for noise alone, or for a few points', () => {
    const next = noise(0.3);
    expect(
      suggestLr(
        curve(() => 2.3 + next()),
        RANGE,
      ),
    ).toEqual({ found: false, reason: 'no_fall' });
    expect(suggestLr(curve(falls(-3), 9), RANGE)).toEqual({ found: false, reason: 'too_few' });
    expect(suggestLr([], RANGE)).toEqual({ found: false, reason: 'too_few' });
  });
});

describe('smoothed', () => {
  it('leaves a constant as it is, and takes a straight line through its middle', () => {
    expect(smoothed([2, 2, 2, 2], 0.9)).toEqual([2, 2, 2, 2].map((value) => expect.closeTo(value, 12)));
    const line = smoothed(
      Array.from({ length: 41 }, (_, i) => i),
      0.7,
    );
    expect(line[20]).toBeCloseTo(20, 10);
  });

  it('with beta 0 changes nothing', () => {
    expect(smoothed([3, 1, 2], 0)).toEqual([3, 1, 2]);
  });
});
