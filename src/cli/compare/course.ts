import type { CompareEvent } from '../../runs/compare/events.js';
import type { PlannedRun } from '../../runs/compare/plan/variants.js';
import { epochsOfTrials } from '../../runs/compare/tune/halving.js';
import type { Pace } from './pace.js';

type Of<T extends CompareEvent['type']> = Extract<CompareEvent, { type: T }>;

/** How far each run has come and is to come, so that a pace can tell how long all of it takes. */
export class Course {
  /** The epoch that a trial has come to; of one that is new, 0. */
  readonly #reached = new Map<string, number>();
  readonly #to = new Map<string, number>();
  /** Epochs of final runs that were planned along with the tuning. */
  #finals: number | null = null;
  #before = 0;

  constructor(private readonly pace: Pace) {}

  tuning({ variants, rungs, seeds }: Of<'tuning'>): void {
    const epochs = rungs.at(-1)!;
    this.#finals = variants.length * seeds.length * epochs;
    const trials = variants.reduce((sum, { points }) => sum + epochsOfTrials(points.length, rungs), 0);
    this.pace.plan(trials + this.#finals);
  }

  /** Trials that are there already take no time any more. */
  rung({ epochs, of, trials, left }: Of<'rung'>): void {
    const before = this.#before === epochs ? 0 : this.#before;
    this.pace.plan(-(trials - left.length) * (epochs - before));
    for (const { name } of left) {
      this.#reached.set(name, this.#reached.get(name) ?? before);
      this.#to.set(name, epochs);
    }
    this.#before = of.includes(epochs) ? epochs : 0;
  }

  /** Grids have grown by trials that begin at the first step. */
  grown(trials: readonly string[]): void {
    for (const name of trials) this.#reached.set(name, 0);
    this.pace.plan(trials.length * this.#before);
  }

  training(left: readonly PlannedRun[]): void {
    const epochs = left.reduce((sum, { plan }) => sum + plan.config.epochs, 0);
    this.pace.plan(epochs - (this.#finals ?? 0));
    for (const { name, plan } of left) {
      this.#reached.set(name, 0);
      this.#to.set(name, plan.config.epochs);
    }
  }

  begin(run: string): void {
    this.pace.begin(run, this.#reached.get(run) ?? 0, this.#to.get(run) ?? 0);
  }

  end(run: string): void {
    this.pace.end(run);
    this.#reached.set(run, this.#to.get(run) ?? 0);
  }
}
