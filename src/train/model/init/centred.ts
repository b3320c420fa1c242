import type { Initializer } from './initializer.js';
import { normal } from './normal.js';
import { uniform } from './uniform.js';

export type Distribution = 'uniform' | 'normal';

/**
 * Values around 0 with a given spread: uniform in ±sqrt(3) std, or normal.
 *
 * @param distribution which of the two
 * @param std standard deviation, the same for both
 * @returns the initialiser, for tensors of any shape
 */
export function centred(distribution: Distribution, std: number): Initializer {
  const bound = Math.sqrt(3) * std;
  return distribution === 'uniform' ? uniform(-bound, bound) : normal(0, std);
}
