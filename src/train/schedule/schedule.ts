import type { FormulaLine, Symbols } from '../formula.js';

/** What a schedule counts: epochs, or optimizer steps. */
export type Interval = 'epoch' | 'step';

/** Where a run stands: both counted from 0. */
export interface Position {
  readonly epoch: number;
  readonly step: number;
}

/** What the optimizer is set to before a step. */
export interface Setting {
  readonly lr: number;
  /** Momentum, or beta1 of the optimizers that have betas; null: it stays as it is. */
  readonly momentum: number | null;
  /** Learning rates of the optimizer's further groups, in their order; absent: they have the same. */
  readonly groupLrs?: readonly number[];
}

/**
 * What to set the optimizer to at a position: a pure function, so that a resumed run goes on exactly. `history` is
 * the figure that the schedule monitors, once for each time it was known, oldest first.
 */
export type Schedule = (position: Position, history: readonly number[]) => Setting;

/** A schedule of the learning rate alone, which counts epochs or steps: `lr(t)` for t = 0, 1, 2, … */
export function counted(interval: Interval, lr: (t: number) => number): Schedule {
  return (position) => ({ lr: lr(position[interval]), momentum: null });
}

/** How a learning rate came about, for showing it. */
export interface ScheduleFormula {
  /** The numbers in it that no line gives. */
  readonly symbols: Symbols;
  /** What comes last is what the schedule really gave; the others have their values. */
  readonly lines: readonly (FormulaLine & { readonly value?: number })[];
}

/** The formula of a schedule of which one line is all. */
export function oneLine(symbols: Symbols, formula: string, says: string): ScheduleFormula {
  return { symbols, lines: [{ gives: 'lr', formula, says }] };
}
