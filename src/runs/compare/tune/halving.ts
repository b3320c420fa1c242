import { type EpochMetric, isBetterLarger } from '../../../config/index.js';

/** The best third of the trials goes on, for three times as long. */
export const ETA = 3;
/** What is chosen at the end is chosen among whole runs: so many of them at least. */
const FEWEST_LAST = 2;

/**
 * After which epochs trials are held against each other: the last one, a third of it, and so on, as often as there are trials to
 * leave out. Rungs lie where runs are evaluated anyway.
 *
 *     E, ceil(round(E / 3) / every) * every, ...   at least `every`, each once
 *
 * @param epochs of a whole run
 * @param every so many epochs it is evaluated
 * @param trials of a variant
 * @returns epochs, rising, the last one `epochs`
 * @source Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016
 */
export function rungsOf(epochs: number, every: number, trials: number): number[] {
  const rungs = [epochs];
  for (let left = trials; left > FEWEST_LAST; left = Math.ceil(left / ETA)) {
    const next = Math.max(1, Math.ceil(Math.round(rungs[0]! / ETA) / every)) * every;
    if (next >= rungs[0]!) break;
    rungs.unshift(next);
  }
  return rungs;
}

/** How many of so many trials go on: a third, but at least two. */
export const kept = (trials: number): number =>
  Math.min(trials, Math.max(FEWEST_LAST, Math.ceil(trials / ETA)));

/** How a trial stands at a rung. */
export interface Standing {
  /** Of the figure that decides; null: it diverged or failed, or the figure is not finite. */
  readonly figure: number | null;
  /** Whether guessing would do about as well: then the figure is noise. */
  readonly isGuess: boolean;
  /** The loss of evaluation, which decides between equal figures. */
  readonly loss: number | null;
  /** Steps that it made: of two that diverged, the better is the one that lasted longer. */
  readonly steps: number;
}

/**
 * @param by the figure that decides
 * @returns the order of two trials at the same rung, the better first: by the figure, then by the loss; of those that are no
 * better than guessing by the loss, which shows learning first; what diverged is worst
 */
export function byStanding(by: EpochMetric): (a: Standing, b: Standing) => number {
  const sign = isBetterLarger(by) ? -1 : 1;
  const group = ({ figure, isGuess }: Standing) => (figure === null ? 2 : Number(isGuess));
  const key = ({ figure, isGuess }: Standing) => (figure === null || isGuess ? 0 : sign * figure);
  const orInfinite = (value: number | null) => value ?? Number.POSITIVE_INFINITY;
  const difference = (a: number, b: number) => (a === b ? 0 : a - b);
  return (a, b) =>
    group(a) - group(b) ||
    key(a) - key(b) ||
    difference(orInfinite(a.loss), orInfinite(b.loss)) ||
    b.steps - a.steps;
}

/**
 * What tuning a variant costs, where no trial diverges and no grid grows.
 *
 * @param trials how many begin
 * @param rungs after which epochs they are held against each other
 * @returns epochs of training, all trials together
 */
export function epochsOfTrials(trials: number, rungs: readonly number[]): number {
  return trials * rungs[0]! + epochsAfter(trials, rungs, 0);
}

/**
 * @param trials that are held against each other at a rung
 * @param rungs all of them
 * @param at which rung
 * @returns epochs of training that follow, of those that go on
 */
export function epochsAfter(trials: number, rungs: readonly number[], at: number): number {
  let [left, sum] = [kept(trials), 0];
  for (let i = at + 1; i < rungs.length; i++) {
    sum += left * (rungs[i]! - rungs[i - 1]!);
    left = kept(left);
  }
  return sum;
}

/** How many trials are held against each other at each rung. */
export function trialsAtRungs(trials: number, rungs: readonly number[]): number[] {
  const counts: number[] = [];
  for (let left = trials; counts.length < rungs.length; left = kept(left)) counts.push(left);
  return counts;
}
