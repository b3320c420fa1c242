import type { OptimizerBlock, Plan, PresetName, ResolvedConfig } from '../../config/index.js';
import type { LrPoint, LrRange, LrTestEnd } from '../../train/lr-range-test.js';
import type { LrSuggestion } from '../../train/lr-suggestion.js';
import type { LrTrial } from '../../train/lr-trial.js';
import type { Surroundings } from '../surroundings.js';
import type { Data } from '../train/prepare.js';

/** An optimizer to test, and the configuration that tests it. */
export interface Variant {
  /** Name of the preset, or the type in the configuration. */
  readonly name: string;
  readonly optimizer: OptimizerBlock;
  /** Whether it is the configuration's own. */
  readonly isOwn: boolean;
  readonly resolved: ResolvedConfig;
}

/** What a range test is made with. */
export interface LrFindOptions extends Surroundings {
  /** Presets to test, each from the same weights. Default: the configuration's own optimizer. */
  readonly optimizers?: readonly PresetName[] | undefined;
  /** Learning rate of the first step. Default 1e-7. */
  readonly min?: number | undefined;
  /** Learning rate of the last step. Default 10. */
  readonly max?: number | undefined;
  /** How many steps. Default 200, and 800 for an optimizer whose loss falls by less than 5 % in these. */
  readonly steps?: number | undefined;
  /** Told before the first test, when everything is loaded. */
  readonly onBegin?: ((test: LrTest) => void) | undefined;
  /** Told after each step. */
  readonly onStep?:
    | ((step: { readonly name: string; readonly steps: number; readonly point: LrPoint }) => void)
    | undefined;
  /** Told after each step of a trial. */
  readonly onTrial?: ((step: LrTrialStep) => void) | undefined;
}

/** A step of the short training that tries a suggestion. */
export interface LrTrialStep {
  readonly name: string;
  readonly lr: number;
  /** Counted from 1, and how many there may be. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
}

/** What is tested on what. */
export interface LrTest {
  readonly plan: Plan;
  readonly data: Data;
  readonly range: Pick<LrRange, 'min' | 'max'>;
  /** What each optimizer is called. */
  readonly names: readonly string[];
}

/** All that a test showed. */
export interface LrFinding extends LrTest {
  readonly results: readonly LrResult[];
}

/** What the test of one optimizer showed. */
export interface LrResult extends Variant {
  readonly range: LrRange;
  readonly points: readonly LrPoint[];
  /** The points' losses, smoothed. */
  readonly curve: readonly number[];
  readonly end: LrTestEnd;
  /** The learning rate that held when it was tried; none where none did. */
  readonly suggestion: LrSuggestion;
  /** Half of where the loss was lowest, which was tried first; null: there was nothing to try. */
  readonly computedLr: number | null;
  /** The short trainings that tried it, from the largest learning rate to the least. */
  readonly trials: readonly LrTrial[];
  readonly initSha256: string;
  readonly orderSha256: string;
}
