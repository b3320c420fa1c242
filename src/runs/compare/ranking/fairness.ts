import { differingKeys, differingText, sharedFirstState } from '../../store/differences.js';
import type { VariantResult } from './results.js';

/** Whether variants can be compared: what they began with, and what they saw. */
export interface Fairness {
  /** For each seed the hashes that the variants share; null where they differ. */
  readonly seeds: readonly {
    readonly seed: number;
    readonly init_sha256: string | null;
    readonly order_sha256: string | null;
  }[];
  readonly same_weights: boolean;
  readonly same_batches: boolean;
  /** Whether every run recorded both; if not, nothing is known of what they share. */
  readonly recorded: boolean;
  /** Keys other than those of optimizer, schedule and loss that differ among the variants. */
  readonly differing: readonly string[];
}

/**
 * Compares the hashes that the runs recorded when they began.
 *
 * @param variants at least one, their runs in the same order of seeds; a run that never began is left out
 * @returns what they share
 */
export function fairnessOf(variants: readonly VariantResult[]): Fairness {
  const states = variants[0]!.runs.map(({ seed }, i) => ({
    seed,
    ...sharedFirstState(variants.map(({ runs }) => runs[i]?.record ?? null)),
  }));
  return {
    seeds: states.map(({ seed, weights, batches }) => ({
      seed,
      init_sha256: weights,
      order_sha256: batches,
    })),
    recorded: states.every(({ isRecorded }) => isRecorded),
    same_weights: states.every(({ weights }) => weights !== null),
    same_batches: states.every(({ batches }) => batches !== null),
    differing: differingKeys(variants.flatMap(({ runs }) => runs[0]?.record ?? [])),
  };
}

/** In words, a line each. */
export function describeFairness(fairness: Fairness): string[] {
  const { seeds, same_weights, same_batches, recorded, differing } = fairness;
  const short = (hash: string | null) => hash?.slice(0, 8) ?? '';
  const hashes = (key: 'init_sha256' | 'order_sha256') =>
    `(${seeds.map((seed) => short(seed[key])).join(', ')})`;
  const weights = same_weights ? `the same first weights ${hashes('init_sha256')}` : null;
  const batches = same_batches ? `the same batches in the same order ${hashes('order_sha256')}` : null;
  const lines: string[] = [];
  if (!recorded && !(weights !== null && batches !== null))
    lines.push(
      'not every run recorded its first weights and batches: whether they are the same is not known',
    );
  else if (weights !== null && batches !== null)
    lines.push(`fair: all variants have ${weights} and see ${batches}`);
  else {
    const had = [weights, batches].filter((part) => part !== null);
    const missing = [same_weights ? null : 'first weights', same_batches ? null : 'batches'].filter(
      (part) => part !== null,
    );
    lines.push(
      `not the same start: the variants differ in their ${missing.join(' and ')}${had.length > 0 ? `; they have ${had}` : ''}`,
    );
  }
  if (differing.length > 0) lines.push(`the variants ${differingText(differing)}`);
  return lines;
}
