import type { ResolvedConfig } from '../../config/index.js';
import type { LrPoint, LrRange, LrTestEnd } from '../../train/lr-range-test.js';
import type { LrSuggestion } from '../../train/lr-suggestion.js';
import type { Variant } from './variants.js';

export interface FindRequest {
  readonly resolved: ResolvedConfig;
  /** What replaced values of the configuration, as it was typed. */
  readonly overrides: readonly string[];
  /** Names of presets, separated by commas; undefined: the configuration's own optimizer. */
  readonly optimizers: string | undefined;
  readonly min: number;
  readonly max: number;
  /** undefined: 200, and 800 for an optimizer whose loss falls by less than 5 % in these. */
  readonly steps: number | undefined;
  readonly json: boolean;
}

/** What a test of one optimizer showed. */
export interface FindResult extends Variant {
  readonly range: LrRange;
  readonly points: readonly LrPoint[];
  /** The points' losses, smoothed. */
  readonly curve: readonly number[];
  readonly end: LrTestEnd;
  readonly suggestion: LrSuggestion;
  readonly initSha256: string;
  readonly orderSha256: string;
}
