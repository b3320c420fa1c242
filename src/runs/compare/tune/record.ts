import { z } from 'zod';
import { EPOCH_METRICS } from '../../../config/index.js';
import type { TunedResult, Tuning } from './tuning.js';
import type { Winner } from './winner.js';

const value = z.union([z.number(), z.string()]);

/** What is read again of `results.tuning` in a compare.json, which any other program may have changed. */
const tuningSchema = z.object({
  chosen_by: z.enum(EPOCH_METRICS),
  rungs: z.array(z.int().min(1)).min(1),
  variants: z.array(
    z.object({
      name: z.string(),
      keys: z.array(z.string()).min(1),
      usual: z.array(value.nullable()),
      tuned: z.array(value),
      trials: z.array(
        z.object({
          values: z.array(value).min(1),
          figure_at_first_rung: z.number().nullable(),
          status: z.string(),
          epochs: z.number(),
        }),
      ),
    }),
  ),
});

export type RecordedTuning = z.output<typeof tuningSchema>;

/** What the results in a compare.json say of tuning; null: nothing, or nothing that could be shown. */
export function tuningOf(results: unknown): RecordedTuning | null {
  return z.object({ tuning: tuningSchema }).safeParse(results).data?.tuning ?? null;
}

/**
 * What came of tuning, as `compare.json` and `--json` have it.
 *
 * @param tuning all of it
 * @param winner the best configuration; null: no variant got to the end
 * @returns plain data, keys in snake_case, null for what is not known
 */
export function tuningRecord({ by, rungs, seed, seeds, variants }: Tuning, winner: Winner | null): object {
  return {
    chosen_by: by,
    ...{ rungs, seed, final_seeds: seeds },
    variants: variants.map(variantRecord),
    winner,
  };
}

function variantRecord({ variant, best, tried, isAtEdge, range }: TunedResult): object {
  const { name, axes } = variant;
  return {
    name,
    keys: axes.map(({ key }) => key),
    usual: axes.map(({ usual }) => usual),
    tuned: best.point,
    best_at_edge: isAtEdge,
    good_range: range && { low: range.low, high: range.high, decades: range.decades, open: range.isOpen },
    cost: costOf(tried),
    trials: tried.map(
      ({ name: trial, point, kind, epochs, steps, seconds, status, reason, figure, first }) => ({
        name: trial,
        values: point,
        why: kind,
        ...{ status, reason, epochs, steps },
        train_seconds: seconds,
        figure_at_first_rung: first,
        figure,
      }),
    ),
  };
}

/** What tuning a variant took. */
export function costOf(tried: TunedResult['tried']): {
  readonly trials: number;
  readonly diverged: number;
  readonly epochs: number;
  readonly steps: number;
  readonly train_seconds: number;
} {
  const sum = (of: (trial: TunedResult['tried'][number]) => number) =>
    tried.reduce((total, trial) => total + of(trial), 0);
  return {
    trials: tried.length,
    diverged: sum(({ status }) => Number(status === 'diverged')),
    epochs: sum(({ epochs }) => epochs),
    steps: sum(({ steps }) => steps),
    train_seconds: sum(({ seconds }) => seconds),
  };
}
