/** What a schedule counts: epochs, or optimizer steps. */
export type Interval = 'epoch' | 'step';

/** Where a run stands: both counted from 0. */
export interface Position {
  readonly epoch: number;
  readonly step: number;
}

/** The learning rate at a position: a pure function, so that a resumed run goes on exactly. */
export type Schedule = (position: Position) => number;
