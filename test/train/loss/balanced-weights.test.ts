import { describe, expect, it } from 'vitest';
import { balancedWeights } from '../../../src/train/loss/balanced-weights.js';
import { expectClose } from '../../helpers/close.js';
import { fixture } from '../../helpers/fixtures.js';

interface Weights {
  readonly counts: readonly number[];
  readonly weights: readonly number[];
}

const { weights } = fixture<{ weights: readonly Weights[] }>('classification.json');

describe('balanced class weights', () => {
  it.each(weights)('of $counts are those of scikit-learn', ({ counts, weights: expected }) => {
    expectClose(balancedWeights(counts, -100), expected, 1e-12);
  });

  it('are made without the class that is ignored', () => {
    expect(balancedWeights([90, 10, 500], 2)).toEqual([100 / 180, 100 / 20, 1]);
  });
});
