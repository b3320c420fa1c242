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

const rounded = (value: number, digits = 2): number => Number(value.toPrecision(digits));

/**
 * Nine values around one: `value * 10^(k/2)`, k from -4 to 4, to two digits.
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
  const steps = Math.min(Math.max(Math.round(Math.log(high / low) / Math.log(STEP)), 2), MOST_POINTS - 1);
  return Array.from({ length: steps + 1 }, (_, i) => {
    if (i === 0) return low;
    return i === steps ? high : rounded(low * (high / low) ** (i / steps), 3);
  });
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
 * The next point beyond the edge of what was tried, where the best one lies at it: further by the factor of the last step.
 *
 * @param best of the points
 * @param tried all of them
 * @param axes what they are made of
 * @returns the point; null when the best does not lie at an edge that can move
 */
export function beyond(best: Point, tried: readonly Point[], axes: readonly GridAxis[]): Point | null {
  for (const [i, { scale }] of axes.entries()) {
    if (scale === 'list') continue;
    const values = along(i, tried);
    const at = values.indexOf(best[i] as number);
    const last = values.length - 1;
    if (last < 1 || (at > 0 && at < last)) continue;
    const next = at === 0 ? values[0]! ** 2 / values[1]! : values[last]! ** 2 / values[last - 1]!;
    return moved(best, i, rounded(next));
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
    // With all else as the best has it.
    const line = tried.filter((point) => point.every((value, j) => j === i || value === best[j]));
    const values = along(i, line);
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

function along(axis: number, points: readonly Point[]): number[] {
  return [...new Set(points.map((point) => point[axis] as number))].sort((a, b) => a - b);
}

const moved = (point: Point, axis: number, value: Value): Point =>
  point.map((own, i) => (i === axis ? value : own));
