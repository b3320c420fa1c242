import type { TrainEvent } from '../../train/events.js';
import type { Outcome } from './execute/protocol.js';
import type { Comparison } from './judge/comparison.js';
import type { PlannedRun, Variant } from './plan/variants.js';

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
  /** From now on runs are trained, several at a time. */
  | { readonly type: 'training'; readonly left: readonly PlannedRun[] }
  | { readonly type: 'run_begin'; readonly run: string }
  | { readonly type: 'run_event'; readonly run: string; readonly event: TrainEvent }
  | { readonly type: 'run_end'; readonly run: string; readonly outcome: Outcome }
  | { readonly type: 'trained'; readonly runs: number; readonly seconds: number }
  /** Told to stop: so many of all runs are done. */
  | { readonly type: 'interrupted'; readonly done: number; readonly runs: number }
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
      /** The content of compare.json. */
      readonly record: Readonly<Record<string, unknown>>;
      /** null: nothing can be kept. */
      readonly folder: string | null;
    }
  /** A comparison is none the worse without one. */
  | { readonly type: 'report'; readonly html: string }
  | { readonly type: 'no_report'; readonly reason: string };
