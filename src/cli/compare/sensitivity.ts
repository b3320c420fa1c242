import { plural } from '../../base/format.js';
import { isBetterLarger } from '../../config/index.js';
import type { Value } from '../../runs/compare/tune/grid.js';
import type { TunedResult, Tuning } from '../../runs/compare/tune/tuning.js';
import { isShare, metricText } from '../../runs/metric-text.js';
import type { Io } from '../io.js';
import { lineChart, type Series } from '../ui/chart.js';
import { textWidth } from '../ui/style.js';

const CHART_LINES = 12;
const TUNED = '✱';
const USUAL = '+';
/** Figures that are so many times apart are drawn on a logarithmic axis. */
const WIDE_RANGE = 30;

/**
 * The figure at the first rung by the first key that is tuned, a line for each variant: of points that differ in other keys
 * too, the best.
 *
 * @param tuning what was tried
 * @param io where it is to be shown
 * @returns the chart; null where the values are no numbers
 */
export function sensitivityChart(tuning: Tuning, io: Io): string | null {
  const { by, rungs, variants } = tuning;
  const scale = isShare(by) ? 100 : 1;
  const lines = variants.map((result) => ({ result, points: sensitivityOf(result, by) }));
  const series = lines.map(({ result, points }): Series => {
    return { name: result.variant.name, points: points.map(({ x, y }) => [x, (y ?? Number.NaN) * scale]) };
  });
  const values = series.flatMap(({ points }) => points.map(([, y]) => y)).filter(Number.isFinite);
  if (values.length === 0) return null;
  const marked = lines.flatMap(({ result, points }) => {
    const at = (value: Value | null, mark: string) => {
      const found = points.find(({ x }) => x === value);
      return found?.y == null ? [] : [{ x: found.x, y: found.y * scale, mark }];
    };
    return [...at(result.variant.axes[0]!.usual, USUAL), ...at(result.best.point[0]!, TUNED)];
  });
  const isLog = lines.every(({ points }) => points.every(({ x }) => x > 0));
  const key = variants[0]!.variant.axes[0]!.key.split('.').at(-1)!;
  const chart = lineChart(series, {
    width: textWidth(io.stdout),
    height: CHART_LINES,
    xScale: isLog ? 'log' : 'linear',
    yScale: !isShare(by) && isWide(values) ? 'log' : 'linear',
    title: `${metricText(by)}${isShare(by) ? ' in %' : ''} after ${plural(rungs[0]!, 'epoch')} by ${key}`,
    xLabel: key,
    color: io.style.out.colored,
    marked,
  });
  return `${chart}\n  ${TUNED} tuned   ${USUAL} without tuning`;
}

const isWide = (values: readonly number[]) =>
  Math.min(...values) > 0 && Math.max(...values) >= WIDE_RANGE * Math.min(...values);

/** For each value of the first key the best figure at the first rung; null: all with it diverged. */
function sensitivityOf(
  { tried }: Pick<TunedResult, 'tried'>,
  by: Tuning['by'],
): { readonly x: number; readonly y: number | null }[] {
  const best = new Map<number, number | null>();
  const choose = isBetterLarger(by) ? Math.max : Math.min;
  for (const { point, first } of tried) {
    const [x] = point;
    if (typeof x !== 'number') continue;
    const known = best.get(x) ?? null;
    best.set(x, known === null || first === null ? (first ?? known) : choose(known, first));
  }
  return [...best].map(([x, y]) => ({ x, y })).sort((a, b) => a.x - b.x);
}
