import type { DataSource } from '../../train/data/source.js';
import type { Engine } from '../../train/engine/index.js';
import type { OutputPass, SamplePass } from '../../train/explain/sample.js';
import type { Trials } from '../../train/explain/trials.js';
import type { ExplainedUpdate } from '../../train/explain/update.js';
import type { WrittenLine } from '../../train/formula.js';
import type { Reduction } from '../../train/loss/index.js';
import type { Surroundings } from '../surroundings.js';

/** Which step, and what of it. */
export interface ExplainOptions extends Surroundings {
  /** Which optimizer step, counted from 1. Default: the first; of a run, the one after its checkpoint, or its last one where it is over. */
  readonly step?: number | undefined;
  /** Which of the step's samples, counted from 0. Default: the first. */
  readonly sample?: number | undefined;
  /** Such as `8.weight[3,17]`, or a tensor by its name alone. Default: the weight with the largest gradient. */
  readonly parameter?: string | undefined;
  /** Of a run: values that replace those of its configuration, such as where its data lie now. */
  readonly overrides?: readonly string[] | undefined;
  /** Of a run on data of one's own: these data. */
  readonly data?: DataSource | undefined;
}

/** A sample as the model sees it. */
export type SampleView =
  | {
      readonly kind: 'image';
      readonly channels: number;
      readonly height: number;
      readonly width: number;
      /** [height, width, channels], after cropping and flipping, before scale and normalisation. */
      readonly pixels: readonly number[];
    }
  | {
      readonly kind: 'features';
      readonly values: readonly { readonly name: string; readonly value: number }[];
    }
  | { readonly kind: 'tokens'; readonly tokens: readonly string[] };

/** One training step in its numbers. */
export interface Explanation {
  /** The configuration or the run, as it was named. */
  readonly source: string;
  readonly data: string;
  /** The data set that was asked for, where generated shapes stand in for it. */
  readonly standsInFor?: string;
  readonly noun: string;
  readonly engine: Engine;
  readonly optimizer: string;
  readonly schedule: string;
  readonly step: {
    readonly number: number;
    /** Counted from 1. */
    readonly epoch: number;
    /** Its first batch in the epoch, counted from 1, and how many an epoch has. */
    readonly batch: number;
    readonly batchesPerEpoch: number;
    /** How many steps the whole run has: fewer than were planned where it ended early. */
    readonly ofSteps: number;
    /** Samples of each of its batches. */
    readonly sizes: readonly number[];
    /** From where it was trained up to: the first weights, or the checkpoint after a step. */
    readonly from: { readonly kind: 'weights' } | { readonly kind: 'checkpoint'; readonly step: number };
  };
  readonly sample: SampleView & {
    /** Counted from 0, through all of the step's batches. */
    readonly index: number;
    /** What is right: the class, the token, or the values by name; of several tokens the last one, which is followed. */
    readonly target: string;
    /** How many tokens are to be told of it; absent: one. */
    readonly targets?: number;
    /** Whether outputs and targets are (y - mean) / std, of a model of real values. */
    readonly isStandardised: boolean;
  };
  readonly input: readonly number[];
  readonly layers: SamplePass['layers'];
  readonly outputs: readonly (OutputPass & { readonly name: string })[];
  readonly loss: {
    readonly type: string;
    /** Of the sample, before it is divided. */
    readonly value: number;
    readonly formula: readonly WrittenLine[];
    /** The output that the formula is about; null: all of them together. */
    readonly about: string | null;
    /** Of the step: the sum over its samples, what it is divided by, and what that gives. */
    readonly reduction: Reduction;
    readonly total: number;
    readonly divisor: number;
    readonly mean: number;
    readonly after: number;
    /** `optimizer.maximize`: whether it is to become larger. */
    readonly isToGrow: boolean;
  };
  readonly parameter: {
    readonly name: string;
    readonly shape: readonly number[];
    readonly index: readonly number[];
    /** Whether it was named, and how far; else it was chosen by its gradient. */
    readonly chosen: 'number' | 'tensor' | 'none';
    readonly trained: number;
    readonly frozen: number;
    readonly before: number;
    readonly after: number;
  };
  readonly gradient: {
    /** Before zero_grad: of the step before; null: there is none yet. */
    readonly before: number | null;
    /** After each backward: several batches add up. */
    readonly each: readonly number[];
    readonly nudge: Trials['nudge'];
    readonly unzeroed: Trials['unzeroed'];
    /** Of all gradients, before clipping; null: nothing is clipped. */
    readonly norm: number | null;
    readonly clipping: readonly WrittenLine[];
    /** What the step takes. */
    readonly used: number;
  };
  readonly learningRate: {
    readonly value: number;
    readonly formula: readonly WrittenLine[];
    /** The parameter's group with options of its own, counted from 0; null: it is in none. */
    readonly group: number | null;
  };
  readonly update: ExplainedUpdate;
}
