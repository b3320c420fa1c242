import { type Metrics, type Monitor, metricKind } from '../../train/task/index.js';

/** What decides how the epochs of a run are shown. */
export interface Shown {
  readonly epochs: number;
  /** What its samples are called. */
  readonly noun: string;
  /** The figure that decides which epoch is best: shown, whatever it is. */
  readonly monitor: Monitor;
}

/** The metrics that an epoch is told by: those of an evaluation alone are told at the end, but what chooses. */
export function shownMetrics(metrics: Metrics, monitor: Monitor): [name: string, value: number][] {
  return Object.entries(metrics).filter(
    ([name]) => !metricKind(name).evaluationOnly || monitor === `eval_${name}`,
  );
}
