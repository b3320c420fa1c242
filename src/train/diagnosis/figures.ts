import type { LossCurve } from '../loss-curve.js';
import type { DiagnosisInput } from './kinds.js';
import { lineThrough, meanOf, type Uncertain, windowMeans } from './noise.js';

/** A loss so many times that of the untrained model is a spike. */
const SPIKE = 1.5;
/** A first stretch so much above the first step's loss was spoilt by steps already. */
const SPOILT = 1.15;
/** Windows in which a rise is looked for: fewer hide it, more show noise. */
const WINDOWS = 16;
/** So many epochs tell better than steps how the loss goes: each is of the same samples. */
const ENOUGH_EPOCHS = 6;
/** Noise of so many standard deviations is no rise … */
const DEVIATIONS = 3;
/** … and of so many no spike: the largest of many losses lies far out. */
const SPIKE_DEVIATIONS = 5;
/** Of so many turns one may be chance. */
const MANY_TURNS = 6;
/** Fewer epochs show no zigzag. */
export const ZIGZAG_EPOCHS = 5;

/** What the rules look at. Eighths are of the run's steps. */
export interface Figures {
  readonly steps: number;
  /** The loss of the untrained model. */
  readonly start: number;
  /** Mean loss of each eighth. */
  readonly eighths: readonly number[];
  readonly end: number;
  readonly lowest: number;
  /** From the start to the lowest eighth. */
  readonly fall: number;
  /** Share of the stretches of the second half that hold a spike. */
  readonly spiky: number;
  /** Whether any stretch holds a spike. */
  readonly spiked: boolean;
  /** The largest mean loss of a sixteenth. */
  readonly highest: number;
  /** How far the loss may stray from one eighth to another by noise. */
  readonly stray: number;
  /** How far the loss rose from a low, at most, into the second half, beyond what noise does. */
  readonly rise: number;
  /** How restless the training loss is from epoch to epoch in the second half; 0 where there are too few epochs. */
  readonly bend: number;
  /** By how much the last quarter lowers the loss, by a line through the end of the curve. */
  readonly gain: Uncertain;
}

/**
 * @param input of the diagnosis
 * @returns the figures; null: there was no step
 */
export function figuresOf({ curve, isNoisy }: DiagnosisInput): Figures | null {
  const { first, stretches, span, epochs } = curve;
  if (first === null || stretches.length === 0) return null;
  const eighths = windowMeans(stretches, 8);
  const noise = noiseOf(stretches.map(({ sum, steps }) => sum / steps));
  const start = startOf(curve, isNoisy, noise);
  const half = stretches.slice(stretches.length >> 1);
  const spike = Math.max(SPIKE * start, start + SPIKE_DEVIATIONS * noise * Math.sqrt(span));
  const isSpike = ({ max }: { max: number }) => !isNoisy && max > spike;
  const lowest = Math.min(...eighths);
  return {
    steps: stretches.reduce((sum, { steps }) => sum + steps, 0),
    start,
    eighths,
    end: eighths[7]!,
    lowest,
    fall: start - lowest,
    spiky: half.filter(isSpike).length / half.length,
    spiked: stretches.some(isSpike),
    highest: Math.max(...windowMeans(stretches, WINDOWS)),
    stray: DEVIATIONS * Math.SQRT2 * (noise / Math.sqrt(Math.max(1, stretches.length / 8))),
    rise: riseIn(curve, noise),
    bend: epochs.length < ZIGZAG_EPOCHS ? 0 : zigzagOf(secondHalf(epochs.map(({ trainLoss }) => trainLoss))),
    gain: gainOf(curve),
  };
}

/**
 * The loss of the untrained model: that of the first step, or the mean of the first stretch where that is higher and not spoilt
 * by steps already; where noise explains how far that lies above the first epochs, the line through these at their beginning.
 */
function startOf({ first, stretches, span, epochs }: LossCurve, isNoisy: boolean, noise: number): number {
  const mean = stretches[0]!.sum / stretches[0]!.steps;
  if (isNoisy) {
    const means = stretches.map(({ sum, steps }) => sum / steps).sort((a, b) => a - b);
    return Math.min(mean, SPIKE * Math.max(first!, means[means.length >> 1]!));
  }
  const isFirst = mean >= SPOILT * first! || first! > mean;
  const start = isFirst ? first! : mean;
  const [one, two] = epochs;
  if (one === undefined || two === undefined) return start;
  const before = one.trainLoss + Math.max(0, one.trainLoss - two.trainLoss) / 2;
  const stray = DEVIATIONS * noise * (isFirst ? Math.sqrt(span) : 1);
  return start > before && start - before < stray ? before : start;
}

/**
 * The largest rise between two windows, the second of them in the second half of the run.
 *
 *     max over i < j of w(j) - w(i) - 3 sqrt(2) s,   s = standard deviation of a window's mean
 */
function riseIn({ stretches }: LossCurve, ofStretch: number): number {
  const windows = windowMeans(stretches, WINDOWS);
  const perWindow = Math.max(1, stretches.length / WINDOWS);
  const noise = DEVIATIONS * Math.SQRT2 * (ofStretch / Math.sqrt(perWindow));
  let low = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const [i, value] of windows.entries()) {
    if (i >= WINDOWS / 2) most = Math.max(most, value - low - noise);
    low = Math.min(low, value);
  }
  return most;
}

/**
 * What the last quarter of a run brings: the slope of a line through the last third of the epochs, or through the last half of
 * the stretches where there are few epochs.
 */
function gainOf({ epochs, stretches }: LossCurve): Uncertain {
  const isByEpoch = epochs.length >= ENOUGH_EPOCHS;
  const losses = isByEpoch
    ? epochs.map(({ trainLoss }) => trainLoss)
    : stretches.map(({ sum, steps }) => sum / steps);
  // A line through three points has nothing left to tell its error by.
  const last = Math.max(4, Math.round(losses.length / (isByEpoch ? 3 : 2)));
  const { value, error } = lineThrough(losses.slice(-last));
  const quarter = losses.length / 4;
  return { value: -value * quarter, error: error * quarter };
}

/** The standard deviation of single values about whatever course they take, from the distances of neighbours. */
function noiseOf(values: readonly number[]): number {
  const distances = values
    .slice(1)
    .map((value, i) => Math.abs(value - values[i]!))
    .sort((a, b) => a - b);
  return (1.4826 / Math.SQRT2) * (distances[distances.length >> 1] ?? 0);
}

/**
 * How restless a loss is from epoch to epoch: the mean of |x(i+1) - 2 x(i) + x(i-1)| where its direction turns and of 0 where it
 * does not, so that a steady course is none; of many turns the largest is left out, so that a single jump is none either.
 */
export function zigzagOf(values: readonly number[]): number {
  const turns = values
    .slice(2)
    .map((value, i) => {
      const [before, after] = [values[i + 1]! - values[i]!, value - values[i + 1]!];
      return before * after < 0 ? Math.abs(after - before) : 0;
    })
    .sort((x, y) => x - y);
  if (turns.length >= MANY_TURNS) turns.pop();
  return turns.length === 0 ? 0 : meanOf(turns);
}

/** The second half of the figures of epochs, and two more, so that what bends at its beginning is seen. */
export const secondHalf = (values: readonly number[]): readonly number[] =>
  values.slice(Math.max(0, (values.length >> 1) - 2));
