import type { Plan, Run } from '../../config/index.js';
import type { TrainEvent } from '../../train/events.js';
import type { Change } from '../baseline.js';
import type { GateResult } from '../gates.js';
import type { Place } from '../parallel/place.js';
import type { Data } from './prepare.js';
import type { Summary } from './summary.js';

/** What training in a folder tells: first what is about to be trained, then the run's events, last what has been kept. */
export type RunEvent = PreparedEvent | TrainEvent | ResultEvent;

/** Everything is loaded and built, and the folder is this process's own. */
export interface PreparedEvent {
  readonly type: 'prepared';
  /** The run's folder. */
  readonly folder: string;
  readonly plan: Plan;
  readonly data: Data;
  /** What runs the steps, and why it is not the engine that was asked for; null when it is. */
  readonly engine: Run['engine'];
  readonly fallback: string | null;
  /** Whole epochs, and steps, that were done before. */
  readonly done: { readonly epochs: number; readonly steps: number };
  /** Where this process stands among several; null: it trains alone. */
  readonly place: Place | null;
}

/** The run has ended, and all of it is on the disk. */
export interface ResultEvent {
  readonly type: 'result';
  readonly folder: string;
  /** What summary.json tells; of a run that was done before and had nothing to add, what this process saw of it. */
  readonly summary: Summary;
  /** What the figures had to be, and whether they are; none unless the run is done. */
  readonly gates: readonly GateResult[];
  /** Every figure that the baseline has too; none without one, and unless the run is done. */
  readonly changes: readonly Change[];
}
