import { leaves } from '../run/resume.js';
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

/** What optimizers and losses are compared by; and what leaves the figures as they are. */
const COMPARED =
  /^(name|runs_dir|seed|optimizer|schedule|loss|log_every|tensorboard|expect|checkpoint|clip_grad_norm|clip_grad_value)(\.|$)/;

/**
 * Compares the hashes that the runs recorded when they began.
 *
 * @param variants their runs in the same order of seeds; a run that never began is left out
 * @returns what they share
 */
export function fairnessOf(variants: readonly VariantResult[]): Fairness {
  const seeds = variants[0]?.runs.map((run, i) => {
    const starts = variants.flatMap(({ runs }) => runs[i]?.record?.start ?? []);
    return {
      seed: run.seed,
      init_sha256: shared(starts.map((start) => start.init_sha256)),
      order_sha256: shared(starts.map((start) => start.order_sha256)),
    };
  });
  const configs = variants
    .flatMap(({ runs }) => runs[0]?.record?.config ?? [])
    .map((config) => leaves(config));
  const keys = [...new Set(configs.flatMap((config) => [...config.keys()]))];
  const differing = keys.filter(
    (key) => !COMPARED.test(key) && new Set(configs.map((config) => config.get(key))).size > 1,
  );
  return {
    seeds: seeds ?? [],
    recorded: variants.every(({ runs }) =>
      runs.every(({ record }) => record?.start?.init_sha256 && record.start.order_sha256),
    ),
    same_weights: (seeds ?? []).every((seed) => seed.init_sha256 !== null),
    same_batches: (seeds ?? []).every((seed) => seed.order_sha256 !== null),
    differing,
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
  if (differing.length > 0)
    lines.push(
      `the variants differ in ${differing.slice(0, 6).join(', ')}${differing.length > 6 ? ', …' : ''}: figures tell the effect of all of that together`,
    );
  return lines;
}

function shared(hashes: readonly (string | null | undefined)[]): string | null {
  const [first = null] = hashes;
  return hashes.every((hash) => hash === first) ? first : null;
}
