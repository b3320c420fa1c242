import { type EpochMetric, isBetterLarger } from '../../../config/index.js';
import { bareName } from '../../../train/task/index.js';
import type { Measured } from '../../store/figures.js';
import { isGuess } from '../ranking/chance.js';
import type { Value } from './grid.js';
import type { Tuned } from './search.js';
import type { TriedPoint } from './trials.js';

/** All that came of tuning, in the order of the variants as they were asked for. */
export interface Tuning {
  readonly by: EpochMetric;
  readonly rungs: readonly number[];
  /** Of all trials. */
  readonly seed: number;
  /** Of the final runs, none of them the seed of the trials. */
  readonly seeds: readonly number[];
  /** How many samples chose; null: nobody knows. */
  readonly samples: number | null;
  readonly variants: readonly TunedResult[];
}

export interface TunedResult extends Tuned {
  /** How wide the range of good values of its first number is; null where that cannot be told. */
  readonly range: GoodRange | null;
}

/** Neighbouring values that all do well at the first rung. */
export interface GoodRange {
  readonly low: number;
  readonly high: number;
  /** `log10(high / low)`. */
  readonly decades: number;
  /** Whether it may go on beyond what was tried. */
  readonly isOpen: boolean;
}

/** So much of the way from guessing to the variant's own best is good; where nobody knows what guessing is, of the best. */
const GOOD = 0.9;

/**
 * The range of values around the best one at which a variant does about as well: those that come 90 % of the way from
 * guessing to its best figure, or within 10 % of it where there is no such thing as guessing. All at the first rung, where
 * every trial has had the same number of steps; between two values the figure is taken to run straight over their logarithms.
 *
 *     good:  |figure - chance| >= 0.9 |best - chance|,  without chance  |figure - best| <= 0.1 |best|
 *
 * @param tried the trials of a variant
 * @param axis which value of a point; the others as the best trial of the first rung has them
 * @param by the figure
 * @param metrics of the task, with what guessing reaches
 * @param samples that the figures are of; null: nobody knows. Default: null
 * @returns the range; null where nothing was better than guessing, or the values are no numbers
 */
export function goodRange(
  tried: readonly Pick<TriedPoint, 'point' | 'first'>[],
  axis: number,
  by: EpochMetric,
  metrics: readonly Measured[],
  samples: number | null = null,
): GoodRange | null {
  const sign = isBetterLarger(by) ? 1 : -1;
  const score = (figure: number | null) => (figure === null ? Number.NEGATIVE_INFINITY : sign * figure);
  const best = tried.reduce<(typeof tried)[number] | null>(
    (a, b) => (a === null || score(b.first) > score(a.first) ? b : a),
    null,
  );
  if (best === null || best.first === null || typeof best.point[axis] !== 'number') return null;
  const bound = boundOf(best.first, by, metrics, samples);
  if (bound === null) return null;
  const line = tried
    .filter(({ point }) => point.every((value: Value, i) => i === axis || value === best.point[i]))
    .map(({ point, first }) => ({ x: Math.log10(point[axis] as number), y: score(first) }))
    .filter(({ x }) => Number.isFinite(x))
    .sort((a, b) => a.x - b.x);
  const at = line.findIndex(({ x }) => x === Math.log10(best.point[axis] as number));
  if (at < 0 || line.length < 2) return null;
  const low = edgeFrom(line, at, -1, sign * bound);
  const high = edgeFrom(line, at, 1, sign * bound);
  return {
    low: 10 ** low.x,
    high: 10 ** high.x,
    decades: high.x - low.x,
    isOpen: low.isEnd || high.isEnd,
  };
}

/** The worst figure that is good; null where the best is no better than guessing. */
function boundOf(
  best: number,
  by: EpochMetric,
  metrics: readonly Measured[],
  samples: number | null,
): number | null {
  const name = bareName(by);
  const metric = metrics.find((other) => other.name === name);
  const chance = metric?.chance ?? null;
  const sign = isBetterLarger(by) ? 1 : -1;
  if (metric === undefined || chance === null) return best - sign * (1 - GOOD) * Math.abs(best);
  return isGuess(best, metric, samples) ? null : chance + GOOD * (best - chance);
}

/** Where the line falls below the bound, from one of its points on; its end where it does not. */
function edgeFrom(
  line: readonly { readonly x: number; readonly y: number }[],
  from: number,
  direction: 1 | -1,
  bound: number,
): { readonly x: number; readonly isEnd: boolean } {
  for (let i = from; ; i += direction) {
    const [here, next] = [line[i]!, line[i + direction]];
    if (next === undefined) return { x: here.x, isEnd: true };
    if (next.y >= bound) continue;
    // What diverged has no figure to draw a line to: the last good value is all that is known.
    if (!Number.isFinite(next.y)) return { x: here.x, isEnd: false };
    return { x: here.x + ((here.y - bound) / (here.y - next.y)) * (next.x - here.x), isEnd: false };
  }
}
