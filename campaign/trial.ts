import type { Random } from './random.js';

/** What goes wrong in a trial. Of the same `what`, a campaign shows a few. */
export interface Failure {
  /** A phrase, the same for every failure of its kind. */
  readonly what: string;
  /** What was done and what came of it. */
  readonly detail: string;
}

/** What a trial came to. */
export interface Trial {
  /** What was tried and how often, such as `{ kills: 2 }`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
}

export interface TrialContext {
  readonly random: Random;
  /** An empty folder of the trial, which is the working directory. It is removed afterwards. */
  readonly folder: string;
  /** A folder that the trials of a lane share: for references that are costly to make. */
  readonly shared: string;
}

/** One thing that a campaign does over and over. */
export interface Kind {
  readonly name: string;
  /** What it does, in a line. */
  readonly title: string;
  /** Its share of the time, beside those of the others. */
  readonly share: number;
  /** Trials in the slice that `npm test` runs. */
  readonly slice: number;
  /** A trial that takes longer hangs. What it starts has limits of its own. */
  readonly patienceSeconds: number;
  trial(context: TrialContext): Promise<Trial>;
}

/** @returns one failure in a list, for the ends of checks */
export function failed(what: string, detail: string): Failure[] {
  return [{ what, detail }];
}
