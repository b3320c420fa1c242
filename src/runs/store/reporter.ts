import type { TrainEvent } from '../../train/events.js';

/** Consumes a run's events, in order. One that throws ends the run. */
export interface Reporter {
  event(event: TrainEvent): void;
  /** Called once after the last event, and when the run ends with an error. */
  close?(): void;
}
