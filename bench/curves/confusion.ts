import { type DiagnosisKind, diagnose } from '../../src/train/diagnosis.js';
import type { LabelledCurve } from './fixture.js';
import { TRUTHS, type Truth } from './label.js';

/** What may be said of a run. That it is to be trained longer, or another rate looked for, is right of one that is slow, too. */
export const RIGHT: Readonly<Record<Truth, readonly DiagnosisKind[]>> = {
  diverged: ['diverged'],
  too_large: ['too_large'],
  too_small: ['too_slow', 'too_short'],
  begun: ['too_short', 'healthy'],
  slow: ['healthy', 'too_short', 'too_slow'],
  improving: ['healthy', 'too_short'],
  overfitting: ['overfitting'],
  plateau: ['plateau'],
  healthy: ['healthy'],
};

/** Runs with which nothing is wrong, and what would be wrong to say of them. */
const WELL: readonly Truth[] = ['begun', 'improving', 'healthy'];
const ILL: readonly DiagnosisKind[] = ['diverged', 'too_large', 'too_slow', 'overfitting', 'plateau'];

/** How often what was said of what is true. */
export type Confusion = Partial<Record<Truth, Partial<Record<DiagnosisKind, number>>>>;

/** What the rules say of a curve. */
export function verdictOn(curve: LabelledCurve): DiagnosisKind {
  const { lr, usualLr, unit, diverged, first, span } = curve;
  return diagnose({
    curve: {
      first,
      span,
      stretches: curve.means.map((mean, i, { length }) => {
        const steps = i === length - 1 ? curve.lastSpan : span;
        return { steps, sum: steps * mean, max: curve.maxima[i]! };
      }),
      epochs: curve.train.map((trainLoss, i) => ({ trainLoss, evalLoss: curve.evaluation[i]! })),
    },
    lr,
    usualLr,
    unit,
    isNoisy: curve.noisy,
    isScheduled: false,
    divergence: diverged ? { cause: 'steps', suggestedLr: null } : null,
  }).kind;
}

/** @returns the confusion matrix of curves whose truth is known */
export function confusionOf(curves: readonly LabelledCurve[], verdict = verdictOn): Confusion {
  const matrix: Confusion = {};
  for (const curve of curves) {
    const row = matrix[curve.truth] ?? {};
    const said = verdict(curve);
    matrix[curve.truth] = { ...row, [said]: (row[said] ?? 0) + 1 };
  }
  return Object.fromEntries(
    TRUTHS.flatMap((truth) => (matrix[truth] ? [[truth, sorted(matrix[truth])]] : [])),
  );
}

const sorted = (row: Partial<Record<DiagnosisKind, number>>) =>
  Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

/** @returns how many there are, how many were told right, and how many well ones were called ill */
export function scoreOf(matrix: Confusion): { all: number; right: number; wellCalledIll: number } {
  const score = { all: 0, right: 0, wellCalledIll: 0 };
  for (const [truth, row] of Object.entries(matrix) as [Truth, Partial<Record<DiagnosisKind, number>>][]) {
    for (const [said, count] of Object.entries(row) as [DiagnosisKind, number][]) {
      score.all += count;
      if (RIGHT[truth].includes(said)) score.right += count;
      if (WELL.includes(truth) && ILL.includes(said)) score.wellCalledIll += count;
    }
  }
  return score;
}
