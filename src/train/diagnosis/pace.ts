import type { Figures } from './figures.js';
import {
  type Diagnosis,
  type DiagnosisInput,
  FAR_FROM_USUAL,
  HARDLY_FELL,
  LEARNT,
  percent,
  roundedLr,
} from './kinds.js';

/** So many steps tell that a loss which does not fall will not. */
const MANY_STEPS = 1000;
/** A run has hardly learnt, too, while it fell by less than this share and hardly slows down … */
const FELL_LITTLE = 0.15;
/** … or by less than this one, with a learning rate far below the usual one. */
const FELL_LITTLE_IF_SMALL = 0.2;
/** It hardly slows down when the second half brought this share of what the first did. */
const HARDLY_SLOWER = 0.5;
/** While it falls by this share and speeds up, it is on its way, however large the learning rate. */
const ON_ITS_WAY = 0.01;
/** The loss has flattened when the last quarter brings less than this share of the fall … */
const FLAT = 0.03;
/** In fewer steps noise decides what a quarter brings. */
const FLAT_STEPS = 300;
/** … or less than this one, and not clearly anything. It still falls when it is more … */
const STILL_FALLING = 0.05;
/** … and clear, which so many standard errors are. */
const CLEAR = 4;
/** What a quarter brings is not known when it may as well be so much more, as a share of the fall. */
const UNKNOWN = 0.02;

/** By what share of the start the loss has fallen at the end, and what share of the first half the second one brought. */
function paceOf({ start, end, eighths }: Figures): { share: number; pace: number } {
  return { share: (start - end) / start, pace: (eighths[3]! - end) / Math.max(start - eighths[3]!, 0) };
}

/** Whether what the end of the run brings is clearly more than noise, and worth more epochs. */
function isStillFalling({ gain, fall }: Figures): boolean {
  return fall > 0 && gain.value > STILL_FALLING * fall && gain.value > CLEAR * gain.error;
}

/** Whether a loss that has hardly fallen yet is about to. */
export function isOnItsWay(figures: Figures): boolean {
  const { share, pace } = paceOf(figures);
  return share >= ON_ITS_WAY && (pace >= 1 || isStillFalling(figures));
}

/** Whether the run has hardly learnt, and whether that is for its learning rate or for its length. */
export function hardlyLearnt({ lr, usualLr }: DiagnosisInput, figures: Figures): Diagnosis | null {
  const { steps } = figures;
  const { share, pace } = paceOf(figures);
  const isSmall = lr <= usualLr / FAR_FROM_USUAL;
  const enough = isSmall ? FELL_LITTLE_IF_SMALL : pace >= HARDLY_SLOWER ? FELL_LITTLE : HARDLY_FELL;
  if (share >= enough) return null;
  const fell = share > 0 ? `The loss fell only ${percent(share)}` : 'The loss did not fall';
  const isSlowing = share >= HARDLY_FELL && pace < 1;
  if (!isSmall && (steps < MANY_STEPS || isSlowing)) {
    const isUsual = lr < FAR_FROM_USUAL * usualLr;
    return tooShort(`${fell}${isUsual ? ', with a learning rate that is usual' : ''}: it has only begun.`);
  }
  return {
    kind: 'too_slow',
    finding: `${fell} in ${steps} steps.`,
    advice: `The learning rate of ${lr} is too small: raise it.`,
    suggestedLr: roundedLr(isSmall ? usualLr : lr * 3),
  };
}

/** Whether the loss has flattened before it is low. */
export function plateau({ lr, isScheduled }: DiagnosisInput, figures: Figures): Diagnosis | null {
  const { start, end, fall, steps, gain } = figures;
  const isClear = gain.value > CLEAR * gain.error;
  const isFlat = gain.value < (isClear ? FLAT : STILL_FALLING) * fall && gain.error < UNKNOWN * fall;
  if (isScheduled || !isFlat || end < LEARNT * start) return null;
  if (steps < FLAT_STEPS) {
    return tooShort(
      `The loss fell ${percent(fall / start)}, little of it in the last quarter: so few steps do not tell whether it has flattened.`,
    );
  }
  return {
    kind: 'plateau',
    finding: 'The loss has flattened: the last quarter of the run brought next to nothing.',
    advice: `Let the learning rate of ${lr} fall towards the end: schedule: { type: cosine }.`,
    suggestedLr: null,
  };
}

/** What is left to say where nothing is wrong. */
export function healthy(figures: Figures): Diagnosis {
  const { start, end, fall } = figures;
  const fell = `The loss fell ${percent(fall / start)}`;
  const finding =
    isStillFalling(figures) && end > LEARNT * start
      ? `${fell} and was still falling at the end: more epochs would bring more.`
      : `${fell} and steadily: the learning rate fits.`;
  return { kind: 'healthy', finding, advice: null, suggestedLr: null };
}

export function tooShort(finding: string): Diagnosis {
  return {
    kind: 'too_short',
    finding,
    advice: 'Train longer, or look for a learning rate with lossnet lr-find.',
    suggestedLr: null,
  };
}
