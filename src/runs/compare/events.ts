import type { EpochMetric } from '../../config/index.js';
import type { TrainEvent } from '../../train/events.js';
import type { Outcome } from './execute/protocol.js';
import type { PlannedRun, Variant } from './plan/variants.js';
import type { Comparison } from './ranking/comparison.js';
import type { TunedVariant } from './tune/plan.js';
import type { SearchEvent, Tuned } from './tune/search.js';
import type { Tuning } from './tune/tuning.js';
import type { Winner } from './tune/winner.js';

/** What a comparison tells on its way. */
export type CompareEvent =
  | {
      readonly type: 'planned';
      readonly folder: string;
      readonly variants: readonly Variant[];
      readonly notes: readonly string[];
      /** Runs that are not over yet. */
      readonly left: readonly PlannedRun[];
    }
  /** What is to be tuned, and how, before anything is trained. */
  | {
      readonly type: 'tuning';
      readonly folder: string;
      readonly variants: readonly TunedVariant[];
      readonly notes: readonly string[];
      /** Epochs after which trials are held against each other. */
      readonly rungs: readonly number[];
      /** Of the final runs. */
      readonly seeds: readonly number[];
      readonly by: EpochMetric;
      /** Epochs of all trials and final runs, where no grid grows. */
      readonly cost: number;
      /** So many more at most, where grids grow; 0: none can. */
      readonly growth: number;
    }
  /** How long all of it takes where no grid grows, by a short trial before it begins. */
  | { readonly type: 'estimated'; readonly seconds: number }
  | SearchEvent
  | { readonly type: 'tuned'; readonly tuned: readonly Tuned[]; readonly seconds: number }
  /** From now on runs are trained, several at a time. */
  | { readonly type: 'training'; readonly left: readonly PlannedRun[] }
  | { readonly type: 'run_begin'; readonly run: string }
  | { readonly type: 'run_event'; readonly run: string; readonly event: TrainEvent }
  | { readonly type: 'run_end'; readonly run: string; readonly outcome: Outcome }
  | { readonly type: 'trained'; readonly runs: number; readonly seconds: number }
  /** Told to stop: so many of all runs are done, or of the trials before them. */
  | {
      readonly type: 'interrupted';
      readonly what: 'run' | 'trial';
      readonly done: number;
      readonly runs: number;
    }
  /** A part is trained: so many runs of so many in all. */
  | {
      readonly type: 'part_trained';
      readonly folder: string;
      readonly runs: number;
      readonly failed: number;
      readonly of: number;
    }
  | {
      readonly type: 'compared';
      readonly comparison: Comparison;
      /** What came of tuning; null: nothing was tuned. */
      readonly tuning: Tuning | null;
      /** The best of all tuned variants, as it was written; null: nothing was tuned, or no variant got to the end. */
      readonly winner: Winner | null;
      /** The content of compare.json. */
      readonly record: Readonly<Record<string, unknown>>;
      /** null: nothing can be kept. */
      readonly folder: string | null;
    }
  /** A comparison is none the worse without one. */
  | { readonly type: 'report'; readonly html: string }
  | { readonly type: 'no_report'; readonly reason: string };
