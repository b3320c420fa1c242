import { join } from 'node:path';
import { findLr } from '../../src/runs/lr-find/find.js';
import type { LrTrialStatus } from '../../src/train/lr-trial.js';
import { PATHS } from '../paths.js';
import { Log } from '../trained.js';
import { configOf, nameOf, type Pair } from './pairs.js';

/** What `lossnet lr-find` said. */
export interface Suggested {
  /** `model, optimizer seed`. */
  readonly name: string;
  /** null: nothing was suggested. */
  readonly lr: number | null;
  /** What the curve alone suggests. */
  readonly computedLr: number | null;
  /** Steps of the range test. */
  readonly steps: number;
  readonly trials: readonly { readonly lr: number; readonly status: LrTrialStatus; readonly steps: number }[];
}

export const suggested = (): Log<Suggested> =>
  new Log<Suggested>(join(PATHS.campaigns, 'lr-suggested.jsonl'));

/**
 * Asks for a learning rate, unless it was already.
 *
 * @param pair what is to be trained
 * @param seed of weights and order
 * @param known what was asked for before
 */
export async function suggestFor(pair: Pair, seed: number, known: Log<Suggested>): Promise<Suggested> {
  const name = `${nameOf(pair)} seed ${seed}`;
  const before = known.get(name);
  if (before) return before;
  const finding = await findLr(configOf(pair, seed), { env: process.env });
  const { suggestion, computedLr, range, trials } = finding!.results[0]!;
  return known.add({
    name,
    lr: suggestion.found ? suggestion.lr : null,
    computedLr,
    steps: range.steps,
    trials: trials.map(({ lr, status, losses }) => ({ lr, status, steps: losses.length })),
  });
}
