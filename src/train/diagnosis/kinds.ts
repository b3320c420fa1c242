import type { LossCurve } from '../loss-curve.js';

/**
 * Why a loss is not finite: no sample counts for it; the inputs are not finite; the first weights already were not, or were
 * too large; else steps have led there, and the learning rate is the first thing to change.
 */
export const DIVERGENCE_CAUSES = ['nothing_counts', 'inputs', 'first_weights', 'steps'] as const;

export type DivergenceCause = (typeof DIVERGENCE_CAUSES)[number];

/** What is told of how a run went. The rules: docs/learning-rate.md. */
export type DiagnosisKind =
  | 'diverged'
  | 'too_short'
  | 'too_large'
  | 'too_slow'
  | 'overfitting'
  | 'plateau'
  | 'healthy';

export interface Diagnosis {
  readonly kind: DiagnosisKind;
  /** What the curve shows, in a sentence. */
  readonly finding: string;
  /** What to do about it, in a sentence; null: nothing. */
  readonly advice: string | null;
  /** The learning rate to try, where another one is advised. */
  readonly suggestedLr: number | null;
}

export interface DiagnosisInput {
  readonly curve: LossCurve;
  /** The learning rate that the run was told to have: with a schedule, the largest. */
  readonly lr: number;
  /** The one to start from with this optimizer. */
  readonly usualLr: number;
  /** Whether a step's loss is that of so few samples that it jumps by chance: then single steps count for nothing. */
  readonly isNoisy: boolean;
  /** Whether a schedule lowers the learning rate. */
  readonly isScheduled: boolean;
  /** What samples are: images can be augmented. Default: images. */
  readonly unit?: 'images' | 'rows' | 'sequences';
  /** Why the loss left the finite numbers, and what to try; null: it did not. */
  readonly divergence: { readonly cause: DivergenceCause; readonly suggestedLr: number | null } | null;
}

/** A learning rate is far from the usual one when it is so many times as large, or as small. */
export const FAR_FROM_USUAL = 3;

/**
 * The learning rate to try in place of one that is too large: the usual one where that is far below it, since the next
 * smaller ones are likely to be too large as well.
 *
 * @param lr the one that is too large
 * @param usualLr the one to start from with the optimizer; null: unknown
 * @param stride else it is divided by this, default 10, the usual stride of a search
 * @returns the learning rate, of two significant digits
 */
export function smallerLr(lr: number, usualLr: number | null, stride = 10): number {
  return roundedLr(usualLr !== null && lr >= FAR_FROM_USUAL * usualLr ? usualLr : lr / stride);
}

export const roundedLr = (lr: number): number => Number(lr.toPrecision(2));

export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

/** That the learning rate is too large, for what the curve shows; see `smallerLr` for the stride. */
export function tooLargeLr(
  finding: string,
  { lr, usualLr }: Pick<DiagnosisInput, 'lr' | 'usualLr'>,
  stride?: number,
): Diagnosis {
  return {
    kind: 'too_large',
    finding,
    advice: `The learning rate of ${lr} is too large: lower it.`,
    suggestedLr: smallerLr(lr, usualLr, stride),
  };
}

/** A run has hardly learnt while its loss fell by less than this share of that of the untrained model. */
export const HARDLY_FELL = 0.05;
/** Below this share of the loss of the untrained model there is little left to fall. */
export const LEARNT = 0.1;
