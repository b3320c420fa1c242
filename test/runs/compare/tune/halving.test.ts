import { describe, expect, it } from 'vitest';
import {
  byStanding,
  epochsOfTrials,
  kept,
  rungsOf,
  type Standing,
  trialsAtRungs,
} from '../../../../src/runs/compare/tune/halving.js';

describe('rungs', () => {
  it('are thirds of the whole run, as many as there are trials to leave out', () => {
    expect(rungsOf(20, 1, 9)).toEqual([2, 7, 20]);
    expect(rungsOf(27, 1, 27)).toEqual([1, 3, 9, 27]);
    expect(rungsOf(8, 1, 9)).toEqual([1, 3, 8]);
    expect(rungsOf(1, 1, 9)).toEqual([1]);
    expect(rungsOf(20, 1, 2)).toEqual([20]);
  });

  it('lie where runs are evaluated', () => {
    expect(rungsOf(20, 5, 9)).toEqual([5, 10, 20]);
    expect(rungsOf(20, 30, 9)).toEqual([20]);
  });

  it('leave a third, and at least two to the last', () => {
    expect([1, 2, 3, 9, 13, 27].map(kept)).toEqual([1, 2, 2, 3, 5, 9]);
    expect(trialsAtRungs(9, [2, 7, 20])).toEqual([9, 3, 2]);
    // 9 * 2 + 3 * 5 + 2 * 13
    expect(epochsOfTrials(9, [2, 7, 20])).toBe(59);
  });
});

describe('byStanding', () => {
  const at = (figure: number | null, rest: Partial<Standing> = {}): Standing => ({
    ...{ figure, isGuess: false, loss: 1, steps: 10 },
    ...rest,
  });
  const sorted = (by: 'eval_accuracy' | 'eval_loss', standings: Standing[]) =>
    [...standings].sort(byStanding(by));

  it('puts the better figure first, and what diverged last, that which lasted longest before', () => {
    const [a, b, lost, later] = [
      at(0.5),
      at(0.7),
      at(null, { loss: null }),
      at(null, { loss: null, steps: 20 }),
    ];
    expect(sorted('eval_accuracy', [lost!, a!, later!, b!])).toEqual([b, a, later, lost]);
    expect(sorted('eval_loss', [lost!, b!, a!])).toEqual([a, b, lost]);
  });

  it('lets the loss decide between equal figures, and among those that guess', () => {
    const [a, b] = [at(0.5, { loss: 2 }), at(0.5, { loss: 1 })];
    expect(sorted('eval_accuracy', [a, b])).toEqual([b, a]);
    const [lucky, learning] = [at(0.12, { isGuess: true, loss: 2.3 }), at(0.1, { isGuess: true, loss: 2.2 })];
    expect(sorted('eval_accuracy', [lucky, learning, a])).toEqual([a, learning, lucky]);
  });
});
