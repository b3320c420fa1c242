import type { DatasetIdentity, SampleNoun, Split } from '../../train/data/dataset.js';
import type { DataSource } from '../../train/data/source.js';
import type { Detail, Metrics } from '../../train/task/index.js';
import type { GateResult } from '../gates.js';
import type { Surroundings } from '../surroundings.js';
import type { Weights } from '../trained/find.js';
import type { PartName } from './data.js';

export interface EvaluateOptions extends Surroundings {
  /** Values that replace those of the run's configuration, such as `['dataset.root=other']`. Default: none. */
  readonly overrides?: readonly string[] | undefined;
  /** Data of one's own, for a run on such data. Default: none. */
  readonly data?: DataSource | undefined;
  /** Which checkpoint. Default: the best; of a run without an evaluation the last. */
  readonly weights?: Weights | undefined;
  /** Which samples. Default: val, those that chose the best epoch; all of other data. */
  readonly part?: PartName | undefined;
  /** Another trained model, evaluated on the same samples and held against this one. Default: none. */
  readonly baseline?: string | undefined;
  /** How often samples are drawn anew for the interval of a difference. Default 1000. */
  readonly resamples?: number | undefined;
  /** Of these draws. Default 0. */
  readonly seed?: number | undefined;
  /** What figures must be, such as `accuracy>=0.6`. Default: nothing. */
  readonly expect?: readonly string[] | undefined;
  /** Whether they take figures of data that only stood in for others. Default: they fail. */
  readonly allowsStandIn?: boolean | undefined;
}

/** What a trained model is worth on some samples. */
export interface Evaluated {
  /** As it was named, and the file or folder of its weights. */
  readonly model: string;
  readonly weights: string;
  /** The samples. */
  readonly data: DatasetIdentity;
  readonly noun: SampleNoun;
  /** Whose figures they would be in a run, `eval_accuracy`; all: of several parts; other: of data that are none of it. */
  readonly part: 'train' | 'eval' | 'test' | 'all' | 'other';
  /** Which samples they are. */
  readonly split: Split | 'all';
  /** How many were evaluated: `evaluation.limit` may leave some out. */
  readonly samples: number;
  readonly loss: number;
  /** All metrics of the task, the primary one first; NaN where one is not defined on these samples. */
  readonly metrics: Metrics;
  readonly detail: Detail;
  readonly baseline: BaselineResult | null;
  readonly gates: readonly GateResult[];
}

export interface BaselineResult {
  readonly model: string;
  readonly weights: string;
  readonly resamples: number;
  readonly differences: readonly Difference[];
}

/** One figure of both models. */
export interface Difference {
  readonly figure: string;
  readonly value: number;
  readonly baseline: number;
  /** value - baseline */
  readonly difference: number;
  /** Where 95 % of the differences lie when samples are drawn anew; null: not defined for some draws. */
  readonly interval: readonly [low: number, high: number] | null;
}
