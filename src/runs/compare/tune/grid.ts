import { formatNumber } from '../../../base/format.js';

/** A key and what is tried of it, for one variant. */
export interface GridAxis {
  /** Where the configuration has it, such as `optimizer.lr` or, with one_cycle, `schedule.max_lr`. */
  readonly key: string;
  /** `log`: numbers spaced by equal factors, between and beyond which there are others; `list`: these and no others. */
  readonly scale: 'log' | 'list';
  readonly values: readonly Value[];
  /** What the variant has without tuning; null: it has none that could be tried. */
  readonly usual: Value | null;
}

/** A number, or text as it was typed. */
export type Value = number | string;

/** A value of each axis, in their order. */
export type Point = readonly Value[];

/** Powers of the square root of ten on both sides of the usual value: two decades down and two up. */
const STEPS = 4;
const STEP = Math.sqrt(10);
/** More would only be denser than the noise. */
const MOST_POINTS = 25;

/** Three digits; one where that is as good, so that steps by the square root of ten come back to powers of ten. */
export function rounded(value: number): number {
  const one = Number(value.toPrecision(1));
  return Math.abs(one - value) <= AS_GOOD * value ? one : Number(value.toPrecision(3));
}
const AS_GOOD = 0.005;

/** A value as people read it, and as `--tune` and overrides take it. */
export const valueText = (value: Value): string => (typeof value === 'number' ? formatNumber(value) : value);

/**
 * Nine values around one: `value * 10^(k/2)`, k from -4 to 4, to three digits.
 *
 * @param value above 0
 * @returns the values, rising; the one in the middle as it is
 */
export function around(value: number): number[] {
  return Array.from({ length: 2 * STEPS + 1 }, (_, i) =>
    i === STEPS ? value : rounded(value * STEP ** (i - STEPS)),
  );
}

/**
 * Values from one to another by equal factors near the square root of ten, to three digits; at least three, at most 25.
 *
 * @param low above 0
 * @param high above `low`
 * @returns the values, rising; both ends as they are
 */
export function between(low: number, high: number): number[] {
  // Not of high / low, which may be more than a number can be.
  const [from, to] = [Math.log(low), Math.log(high)];
  const steps = Math.min(Math.max(Math.round((to - from) / Math.log(STEP)), 2), MOST_POINTS - 1);
  return Array.from({ length: steps + 1 }, (_, i) => {
    if (i === 0) return low;
    return i === steps ? high : near(Math.exp(from + (to - from) * (i / steps)), low, high);
  });
}

/** Rounded, but no end of a range that is so narrow. */
function near(value: number, low: number, high: number): number {
  const short = rounded(value);
  return short > low && short < high && Math.abs(short - value) < (high - low) / MOST_POINTS ? short : value;
}

/** Every combination of the axes' values; the last axis varies fastest. */
export function pointsOf(axes: readonly GridAxis[]): Point[] {
  return axes.reduce<Point[]>(
    (all, { values }) => all.flatMap((head) => values.map((value) => [...head, value])),
    [[]],
  );
}

/** Whether two points are the same. */
export const isSame = (a: Point, b: Point): boolean => a.every((value, i) => value === b[i]);

/**
 * The next point beyond the edge of what was tried with all else as the best one has it, where the best lies at it: further by
 * the factor of the last step.
 *
 * @param best of the points
 * @param tried all of them
 * @param axes what they are made of
 * @returns the point; null when the best does not lie at an edge that can move
 */
export function beyond(best: Point, tried: readonly Point[], axes: readonly GridAxis[]): Point | null {
  for (const [i, { scale }] of axes.entries()) {
    if (scale === 'list') continue;
    const line = along(i, lineOf(i, best, tried));
    // Where nothing else was tried on its line, as on one that has grown: by what was tried at all.
    const values = line.length > 1 ? line : along(i, tried);
    const at = values.indexOf(best[i] as number);
    const last = values.length - 1;
    if (last < 1 || (at > 0 && at < last)) continue;
    const next =
      at === 0 ? values[0]! * (values[0]! / values[1]!) : values[last]! * (values[last]! / values[last - 1]!);
    const point = moved(best, i, rounded(next));
    if (Number.isFinite(next) && next > 0 && !tried.some((other) => isSame(other, point))) return point;
  }
  return null;
}

/**
 * A point beside the best one, halfway to a neighbour in equal factors: to the one that did better, or to the other one where
 * that was tried.
 *
 * @param best of the points
 * @param tried all of them
 * @param axes what they are made of
 * @param isBetter whether one of two points did better
 * @returns the point; null when there is none that was not tried
 */
export function beside(
  best: Point,
  tried: readonly Point[],
  axes: readonly GridAxis[],
  isBetter: (a: Point, b: Point) => boolean,
): Point | null {
  for (const [i, { scale }] of axes.entries()) {
    if (scale === 'list') continue;
    const values = along(i, lineOf(i, best, tried));
    const at = values.indexOf(best[i] as number);
    const neighbours = [values[at - 1], values[at + 1]]
      .filter((value) => value !== undefined)
      .map((value) => moved(best, i, value))
      .sort((a, b) => (isBetter(a, b) ? -1 : 1));
    for (const neighbour of neighbours) {
      const middle = Math.sqrt((best[i] as number) * (neighbour[i] as number));
      const point = moved(best, i, rounded(middle));
      if (!tried.some((other) => isSame(other, point))) return point;
    }
  }
  return null;
}

/** The points that have all but one value as the best one has it. */
export const lineOf = (axis: number, best: Point, tried: readonly Point[]): Point[] =>
  tried.filter((point) => point.every((value, i) => i === axis || value === best[i]));

function along(axis: number, points: readonly Point[]): number[] {
  return [...new Set(points.map((point) => point[axis] as number))].sort((a, b) => a - b);
}

const moved = (point: Point, axis: number, value: Value): Point =>
  point.map((own, i) => (i === axis ? value : own));
