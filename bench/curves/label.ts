import { LONGER, type Recorded } from './record.js';

/** What is true of a run, by what its neighbours and more epochs came to. */
export const TRUTHS = [
  'diverged',
  'too_large',
  'too_small',
  'begun',
  'slow',
  'improving',
  'overfitting',
  'plateau',
  'healthy',
] as const;

export type Truth = (typeof TRUTHS)[number];

/** A run, and what is true of it; null: nothing clear, so that it is left out. */
export interface Labelled {
  readonly run: Recorded;
  readonly lr: number;
  readonly truth: Truth | null;
}

/** As shares of the fall that the best rate of the family comes to in as many epochs. */
const GAPS = {
  /** Another rate came so much further: the rate is wrong … */
  clear: 0.2,
  /** … and no further than that: it is as good. */
  none: 0.1,
  /** A run that has come no further than this has hardly learnt. */
  begun: 0.2,
} as const;

/** What more epochs bring, as a share of what the first ones brought: next to nothing, or clearly something. */
const MORE = { nothing: 0.03, something: 0.08 } as const;
/** How far the evaluation loss has risen above its best: not, or clearly. */
const RISE = { none: 0.05, clear: 0.1 } as const;
/** Below this share of the loss of the untrained model there is little left to fall. */
const LEARNT = 0.1;

/**
 * Says what is true of the runs of a family. Nothing of it is seen by the rules of the diagnosis: it looks at other learning
 * rates, and at twice as many epochs more.
 *
 *     S     = training loss of the first epoch at the smallest rate, which has hardly moved anything
 *     R(i)  = mean training loss of the last quarter of the judged epochs at rate i
 *     F     = S - least R
 *     below = (R(i) - least R of smaller rates) / F,    above likewise
 *
 * - the loss left the finite numbers: diverged
 * - below > 0.2, above < 0.1: too large. A smaller rate came much further
 * - above > 0.2, below < 0.1: too small where the run has come less than 0.2 F, else slow, if more epochs bring more
 * - both below 0.1: the rate is right, and the run is
 *   - overfitting where the mean of the last three evaluation losses lies more than 10 % above the best, three epochs or more
 *     back, later epochs never come below it, and the training loss went on falling
 *   - begun where it has come less than 0.2 of what more epochs come to
 *   - healthy where its loss is below a tenth of S
 *   - a plateau where twice as many epochs more bring less than 3 % of the fall so far, improving where more than 8 %
 * - all else is not clear, and left out
 *
 * @param runs of a family, from the smallest rate to the largest
 * @param lrs theirs
 * @param epochs how many are judged
 */
export function label(runs: readonly Recorded[], lrs: readonly number[], epochs: number): Labelled[] {
  const start = runs[0]!.epochs[0]!.trainLoss;
  const quarter = Math.max(1, Math.round(epochs / 4));
  const reached = runs.map(({ epochs: all }) =>
    all.length < epochs
      ? Number.POSITIVE_INFINITY
      : meanOf(all.slice(epochs - quarter, epochs).map(({ trainLoss }) => trainLoss)),
  );
  const most = start - Math.min(...reached);
  return runs.map((run, i) => {
    const own = reached[i]!;
    const gapTo = (others: readonly number[]) => (own - Math.min(...others)) / most;
    const [below, above] = [gapTo(reached.slice(0, i)), gapTo(reached.slice(i + 1))];
    return { run, lr: lrs[i]!, truth: truthOf() };

    function truthOf(): Truth | null {
      if (own === Number.POSITIVE_INFINITY)
        return run.epochs.length < epochs && run.diverged ? 'diverged' : null;
      if (below > GAPS.clear && above < GAPS.none) return 'too_large';
      const come = (start - own) / most;
      if (above > GAPS.clear && below < GAPS.none) {
        if (come < GAPS.begun) return 'too_small';
        return brings(run, own, epochs, quarter, start) > MORE.something && riseOf(run, epochs) < RISE.none
          ? 'slow'
          : null;
      }
      if (below >= GAPS.none || above >= GAPS.none) return null;
      const rise = riseOf(run, epochs);
      if (rise > RISE.clear) return isOverfitting(run, epochs) ? 'overfitting' : null;
      if (rise > RISE.none) return null;
      const more = brings(run, own, epochs, quarter, start);
      if (more > (1 - GAPS.begun) / GAPS.begun) return 'begun';
      if (own < LEARNT * start) return 'healthy';
      return more > MORE.something ? 'improving' : more < MORE.nothing ? 'plateau' : null;
    }
  });
}

/** What later epochs brought, by their best quarter, as a share of what the first ones did. */
function brings(run: Recorded, own: number, epochs: number, quarter: number, start: number): number {
  const later = run.epochs.slice(epochs, LONGER * epochs).map(({ trainLoss }) => trainLoss);
  const windows = later.slice(quarter - 1).map((_, i) => meanOf(later.slice(i, i + quarter)));
  return (own - Math.min(own, ...windows)) / (start - own);
}

const evalLosses = (run: Recorded, from: number, to: number): number[] =>
  run.epochs.slice(from, to).map(({ evalLoss }) => evalLoss!);

/** How far the mean of the last three evaluation losses lies above the best one. */
function riseOf(run: Recorded, epochs: number): number {
  const losses = evalLosses(run, 0, epochs);
  return meanOf(losses.slice(-3)) / Math.min(...losses) - 1;
}

function isOverfitting(run: Recorded, epochs: number): boolean {
  const losses = evalLosses(run, 0, epochs);
  const best = losses.indexOf(Math.min(...losses));
  const trained = run.epochs.slice(0, epochs).map(({ trainLoss }) => trainLoss);
  return (
    best <= epochs - 4 &&
    Math.min(...evalLosses(run, epochs, LONGER * epochs)) >= losses[best]! &&
    meanOf(trained.slice(-3)) < 0.95 * trained[best]!
  );
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
