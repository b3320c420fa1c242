import { fading, type LrPoint, type LrRange } from './lr-range-test.js';

/** What a range test says about the learning rate. */
export type LrSuggestion = LrFound | { readonly found: false; readonly reason: NoLrReason };

export interface LrFound {
  readonly found: true;
  /** The learning rate to train with: the top of the band. Two significant digits. Still to be tried: see `lrTrial`. */
  readonly lr: number;
  /** Where training makes progress and does not break: from where the loss begins to fall, to `lr`. */
  readonly band: { readonly low: number; readonly high: number };
  /** Where the loss falls most steeply. It depends on how many steps there were: see `suggestLr`. */
  readonly steepest: { readonly lr: number };
  /** Mean loss before anything is learnt. */
  readonly start: number;
  /** Where the smoothed loss is lowest, and how low. */
  readonly lowest: { readonly lr: number; readonly loss: number };
  /** The fall from start to lowest, as a share of the loss at the start. */
  readonly fallShare: number;
  /** Whether the loss fell from the first steps on, so that less might do as well. */
  readonly fallsFromStart: boolean;
  /** Whether the loss was still falling at the last step, so that more might do as well. */
  readonly fallsToEnd: boolean;
}

/**
 * `too_few`: the loss was gone after a few steps; `no_fall`: nowhere is it clearly lower than at the start; `unstable`: none of
 * the learning rates that were tried trains.
 */
export type NoLrReason = 'too_few' | 'no_fall' | 'unstable';

/** Fewer points say nothing. */
const FEWEST = 10;
/** Share of the points, from the first, whose mean loss is that of the untrained model. */
const START = 0.1;
/** A fall is clear when it is this share of the loss at the start … */
const CLEAR_SHARE = 0.02;
/** … and so many times the noise that is left in the smoothed losses. */
const CLEAR_NOISE = 5;
/** The band begins where this share of the whole fall is behind. */
const BAND_BEGINS = 0.1;
/** The band ends at the learning rate of the lowest loss, divided by this: there, training is about to break. */
const BAND_ENDS = 2;
/** Losses above this many times that at the start are cut: how far away they are says nothing. */
const CUT = 1.05;

/**
 * Smooths losses without delay: the two-sided counterpart of the average that fades.
 *
 *     s(i) = sum over j of beta^|i-j| * loss(j) / sum over j of beta^|i-j|
 *
 * A fading average alone lags behind: what it shows to be steep was so at a learning rate half as large.
 */
export function smoothed(losses: readonly number[], beta: number): number[] {
  return losses.map((_, i) => {
    let sum = 0;
    let weights = 0;
    for (const [j, loss] of losses.entries()) {
      const weight = beta ** Math.abs(i - j);
      sum += weight * loss;
      weights += weight;
    }
    return sum / weights;
  });
}

/** The test's curve as the suggestion sees it: losses cut above and smoothed. */
export function lrCurve(points: readonly LrPoint[], range: LrRange): number[] {
  const losses = points.map(({ loss }) => loss);
  const cut = CUT * startOf(losses);
  return smoothed(
    losses.map((loss) => Math.min(loss, cut)),
    fading(range),
  );
}

/**
 * Finds the learning rate to train with from the curve of a range test.
 *
 *     start    = mean loss of the first tenth of the points
 *     lowest   = the least smoothed loss, at lr_min;      fall = start - lowest
 *     lr       = high = lr_min / 2
 *     steepest = where d loss / d log(lr) is least, before lr_min
 *     low      = the last lr before that at which less than 10 % of the fall was behind, but not above high
 *
 * Not the steepest point: it says where the loss begins to move, and that depends on the test. Optimizers that divide
 * by the size of the gradient move each parameter by about lr at every step; with four times the steps, the loss has
 * come as far at a quarter of the learning rate. Where it stops falling depends on it far less.
 *
 * @param points from `lrRangeTest`
 * @param range of the test
 * @returns the suggestion, or why there is none
 */
export function suggestLr(points: readonly LrPoint[], range: LrRange): LrSuggestion {
  if (points.length < FEWEST) return { found: false, reason: 'too_few' };
  const losses = points.map(({ loss }) => loss);
  const curve = lrCurve(points, range);
  const start = startOf(losses);
  const bottom = curve.indexOf(Math.min(...curve));
  const fall = start - curve[bottom]!;
  const clear = Math.max(CLEAR_SHARE * Math.abs(start), CLEAR_NOISE * noiseOf(losses, range));
  if (!(fall >= clear)) return { found: false, reason: 'no_fall' };

  const lrOf = (i: number) => points[i]!.lr;
  const steepest = steepestOf(curve, bottom);
  const isBehind = (i: number) => start - curve[i]! >= BAND_BEGINS * fall;
  let begin = steepest;
  while (begin > 0 && isBehind(begin)) begin--;
  const high = lrOf(bottom) / BAND_ENDS;
  return {
    found: true,
    lr: rounded(high),
    band: { low: rounded(Math.min(lrOf(begin), high)), high: rounded(high) },
    steepest: { lr: rounded(lrOf(steepest)) },
    start,
    lowest: { lr: lrOf(bottom), loss: curve[bottom]! },
    fallShare: fall / Math.abs(start),
    fallsFromStart: begin < START * points.length,
    fallsToEnd: bottom === points.length - 1 && points.length === range.steps,
  };
}

function startOf(losses: readonly number[]): number {
  const first = losses.slice(0, Math.max(1, Math.floor(losses.length * START)));
  return first.reduce((sum, loss) => sum + loss, 0) / first.length;
}

/** The index, up to `bottom`, around which the curve falls most. */
function steepestOf(curve: readonly number[], bottom: number): number {
  let steepest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= bottom; i++) {
    const [from, to] = [Math.max(0, i - 2), Math.min(bottom, i + 2)];
    const slope = (curve[to]! - curve[from]!) / Math.max(1, to - from);
    if (slope < least) [steepest, least] = [i, slope];
  }
  return steepest;
}

/**
 * What of the batches' noise is left after smoothing: half the median distance of successive losses, scaled to a
 * standard deviation, times that of the average of independent numbers with these weights.
 */
function noiseOf(losses: readonly number[], range: LrRange): number {
  const distances = losses
    .slice(1)
    .map((loss, i) => Math.abs(loss - losses[i]!))
    .sort((a, b) => a - b);
  const deviation = (1.4826 / Math.SQRT2) * distances[distances.length >> 1]!;
  const beta = fading(range);
  const [ofSquares, ofWeights] = [(1 + beta ** 2) / (1 - beta ** 2), (1 + beta) / (1 - beta)];
  return (deviation * Math.sqrt(ofSquares)) / ofWeights;
}

const rounded = (lr: number) => Number(lr.toPrecision(2));
