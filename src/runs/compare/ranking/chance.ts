import { isShareOfSamples } from '../../../train/task/index.js';
import type { Measured } from '../../store/figures.js';

/** Better than guessing by this factor is no chance any more where samples are many. */
const CLEARLY = 1.3;
/** Where they are few, by so many standard deviations of what guessing gets right: of the best of many trials too. */
const DEVIATIONS = 3;

/**
 * Whether a figure is not clearly better than what guessing reaches.
 *
 *     share of n samples:  figure <= max(1.3 c, c + 3 sqrt(c (1 - c) / n))
 *     else:                figure <= 1.3 c, or where less is better 1.3 figure >= c
 *
 * @param figure what was reached
 * @param metric with c, what guessing reaches; where nobody knows that, nothing is a guess
 * @param samples that the figure is of; null: nobody knows
 * @returns whether guessing would do about as well
 */
export function isGuess(
  figure: number,
  { name, chance, better }: Pick<Measured, 'name' | 'chance' | 'better'>,
  samples: number | null,
): boolean {
  if (chance === null) return false;
  if (better !== 'larger') return CLEARLY * figure >= chance;
  const isShare = isShareOfSamples(name) && samples !== null && samples > 0;
  const noise = isShare ? DEVIATIONS * Math.sqrt((chance * (1 - chance)) / samples) : 0;
  return figure <= Math.max(CLEARLY * chance, chance + noise);
}
