import { describe, expect, it } from 'vitest';
import { isGuess } from '../../../../src/runs/compare/ranking/chance.js';

const ACCURACY = { name: 'accuracy', chance: 0.1, better: 'larger' } as const;

describe('isGuess', () => {
  it('asks more of few samples: three standard deviations of what guessing gets right', () => {
    expect(isGuess(3 / 22, ACCURACY, 22)).toBe(true);
    // sqrt(0.1 * 0.9 / 22) = 0.064.
    expect(isGuess(6 / 22, ACCURACY, 22)).toBe(true);
    expect(isGuess(7 / 22, ACCURACY, 22)).toBe(false);
    expect(isGuess(0.13, ACCURACY, 10_000)).toBe(true);
    expect(isGuess(0.131, ACCURACY, 10_000)).toBe(false);
    expect(isGuess(0.131, ACCURACY, null)).toBe(false);
  });

  it('goes by the factor alone where less is better, and is nothing where nobody knows what guessing has', () => {
    const perplexity = { name: 'perplexity', chance: 10, better: 'smaller' } as const;
    expect([9, 7].map((figure) => isGuess(figure, perplexity, 22))).toEqual([true, false]);
    expect(isGuess(0, { ...ACCURACY, chance: null }, 22)).toBe(false);
  });
});
