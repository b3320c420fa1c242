import type { RunRecord } from '../store/read.js';
import type { Predicted } from './predictions.js';

/** A run as the report shows it. */
export interface ReportRun {
  readonly record: RunRecord;
  /** What it is called: unique in the report. */
  readonly label: string;
  /** Its place, which decides its colour and marker. */
  readonly line: number;
  /** What its model says of the evaluation images, or why that is not known. */
  readonly predicted: Predicted;
}
