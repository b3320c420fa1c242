import { formatLr } from '../../base/format.js';

/** A point of a line. null: there is no finite value, the line has a gap. */
export type Point = readonly [x: number, y: number | null];

/** A line of a chart. */
export interface Series {
  /** What the line shows, for readout and table: `adam, evaluation`. */
  readonly name: string;
  /** Written at the end of the line; absent: nothing is. */
  readonly label?: string;
  /** Decides colour and marker. */
  readonly line: number;
  /** `marks`: no line, but large markers around single points of the others. */
  readonly look: 'solid' | 'dashed' | 'faint' | 'marks';
  readonly points: readonly Point[];
}

/** What a chart shows. */
export interface Chart {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly yScale: 'linear' | 'log';
  /** A linear scale begins at 0, rather than near the least value. */
  readonly fromZero?: boolean;
  /** Values are shares, shown in percent. */
  readonly percent?: boolean;
  readonly series: readonly Series[];
  /** Whether lines are runs, so that hiding a run hides them. */
  readonly byRun: boolean;
  /** Whether x is the logarithm, of base ten, of what is shown. Default: it is shown as it is. */
  readonly xLog?: boolean;
}

/** A value of x as it is shown. */
export function xText({ xLog = false }: Pick<Chart, 'xLog'>, x: number): string {
  return xLog ? formatLr(10 ** x) : `${x}`;
}

/**
 * Thins out a line without losing its extremes or its gaps: of each stretch of equally many points, the least and the
 * greatest stay, and the first point without a value. The first and the last point of the line always stay.
 *
 * @param points in the order of x
 * @param limit the most points to keep, at least 4
 * @returns the points themselves when they are few enough
 */
export function downsample(points: readonly Point[], limit: number): readonly Point[] {
  if (points.length <= limit) return points;
  const inner = points.slice(1, -1);
  const stretches = Math.max(1, Math.floor((limit - 2) / 3));
  const kept: Point[] = [];
  for (let s = 0; s < stretches; s++) {
    const from = Math.floor((s * inner.length) / stretches);
    const to = Math.floor(((s + 1) * inner.length) / stretches);
    kept.push(...extremes(inner.slice(from, to)));
  }
  return [points[0]!, ...kept, points.at(-1)!];
}

function extremes(points: readonly Point[]): Point[] {
  let least: Point | undefined;
  let greatest: Point | undefined;
  let gap: Point | undefined;
  for (const point of points) {
    if (point[1] === null) gap ??= point;
    else {
      if (least === undefined || point[1] < least[1]!) least = point;
      if (greatest === undefined || point[1] > greatest[1]!) greatest = point;
    }
  }
  const found = new Set([least, greatest, gap].filter((point) => point !== undefined));
  return [...found].sort((a, b) => a[0] - b[0]);
}

/**
 * Exponential moving average that does not start at 0:
 *
 *     m(t) = weight * m(t - 1) + (1 - weight) * y(t),   smoothed(t) = m(t) / (1 - weight^t)
 *
 * as TensorBoard smooths. A gap stays one and is not averaged.
 *
 * @param points the raw line
 * @param weight of what was before, in [0, 1)
 * @source Kingma and Ba, Adam, section 3 (the correction of the bias)
 */
export function smooth(points: readonly Point[], weight: number): Point[] {
  let mean = 0;
  let share = 1;
  return points.map(([x, y]) => {
    if (y === null) return [x, null];
    mean = weight * mean + (1 - weight) * y;
    share *= weight;
    return [x, mean / (1 - share)];
  });
}

/**
 * Values of very different size, such as those of a run that diverges, are read on a logarithmic scale only.
 *
 * @param ratio greatest value / least value from which the scale is logarithmic
 */
export function scaleFor(series: readonly Series[], ratio: number): Chart['yScale'] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (const { points } of series) {
    for (const [, y] of points) {
      if (y === null) continue;
      if (y <= 0) return 'linear';
      least = Math.min(least, y);
      greatest = Math.max(greatest, y);
    }
  }
  return greatest / least >= ratio ? 'log' : 'linear';
}

/** Whether there is anything to draw. */
export function hasPoints({ series }: Pick<Chart, 'series'>): boolean {
  return series.some(({ points }) => points.some(([, y]) => y !== null));
}
