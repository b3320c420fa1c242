import { capital, formatLr, plural } from '../../../base/format.js';
import { ConfigError } from '../../../config/index.js';
import { listing } from '../../../config/problems/text.js';
import { lineOf, type Point, rounded, valueText } from '../tune/grid.js';
import { pointText, tunedConfig } from '../tune/plan.js';
import type { GoodRange, TunedResult, Tuning } from '../tune/tuning.js';
import type { Ranking } from './ranking.js';
import { type Verdict, verdictOf } from './verdict.js';

/** So narrow that it is one value to a digit. */
const NARROW = 0.05;
/** Two decades, or less where a key may not have that. */
const BEYOND = [100, 10, 3];
/** Ranges that differ by less are as wide as each other: the grid is no finer. */
const AS_WIDE = 0.25;

/**
 * What the figures of tuned variants mean: which is better, which is easier to tune, and what may be luck.
 *
 * @param ranking of the final runs
 * @param tuning what was tried before
 * @returns the verdict
 */
export function tunedVerdict(ranking: Ranking, tuning: Tuning): Verdict {
  const settings = new Map(
    tuning.variants.map(({ variant, best }) => [variant.name, pointText(variant.axes, best.point)]),
  );
  const { overall, variants } = verdictOf(ranking, settings);
  return {
    overall: [...overall, ...(ranking.onlyGuessing === null ? easier(tuning) : []), ...edges(tuning)],
    variants: new Map(
      tuning.variants.map((result) => [
        result.variant.name,
        [...(variants.get(result.variant.name) ?? []), ...remarks(result)],
      ]),
    ),
  };
}

/** `from 0.001 to 0.03, 1.5 decades`. */
export function rangeText({ low, high, decades, isOpen }: GoodRange): string {
  const width = `${isOpen ? 'at least ' : ''}${decades.toFixed(1)} decades`;
  const number = (value: number) => formatLr(Number(value.toPrecision(2)));
  if (decades < NARROW && low < high) return `at about ${number(Math.sqrt(low * high))} alone`;
  return low === high ? `at ${number(low)} alone` : `from ${number(low)} to ${number(high)} (${width})`;
}

/** How wide the range is in which a variant does well: that it is found easily is another thing than that it is better. */
function easier({ variants, rungs }: Tuning): string[] {
  const known = variants.filter(
    (result): result is TunedResult & { range: GoodRange } => result.range !== null && !result.best.isGuess,
  );
  const after = rungs.length === 1 ? '' : `after ${plural(rungs[0]!, 'epoch')} `;
  if (variants.length === 1) {
    return known.map(({ range, variant }) =>
      capital(`${after}it does well with ${variant.axes[0]!.key} ${rangeText(range)}.`),
    );
  }
  if (known.length < 2) return [];
  const sorted = [...known].sort((a, b) => b.range.decades - a.range.decades);
  const [widest, narrowest] = [sorted[0]!, sorted.at(-1)!];
  const { key } = widest.variant.axes[0]!;
  if (widest.range.decades - narrowest.range.decades < AS_WIDE) {
    const width = widest.range.decades.toFixed(1);
    if (widest.range.decades < NARROW)
      return [`None is easier to tune: ${after}each does well with one ${key} alone.`];
    return [`None is easier to tune: ${after}each does well over about ${width} decades of ${key}.`];
  }
  const first = sorted.filter(({ range }) => widest.range.decades - range.decades < AS_WIDE);
  const names = listing(first.map(({ variant }) => variant.name));
  const does = first.length === 1 ? 'does' : 'do';
  return [
    `Easier to tune: ${names}, which ${after}${does} well with ${key} ${rangeText(widest.range)}; ${narrowest.variant.name} ${rangeText(narrowest.range)}.`,
  ];
}

function edges({ variants }: Tuning): string[] {
  const at = variants.filter(({ isAtEdge, best }) => isAtEdge && best.figure !== null);
  if (at.length === 0) return [];
  const names = listing(at.map(({ variant }) => variant.name));
  const ranges = at.flatMap(widerRanges);
  const wider = [...new Set(ranges.map(({ key }) => key))].map((key) => {
    const own = ranges.filter((range) => range.key === key);
    const [low, high] = [
      Math.min(...own.map((range) => range.low)),
      Math.max(...own.map((range) => range.high)),
    ];
    return `${key}=${valueText(low)}..${valueText(high)}`;
  });
  const advice = wider.length === 0 ? '' : ` Try a wider range, such as --tune '${wider.join(',')}'.`;
  return [
    `The best of ${names} lies at the edge of what was tried: there may be a better one beyond.${advice}`,
  ];
}

/** All that was tried of the keys at whose edge the best lies, and as far beyond as the configuration may have, up to 100 times. */
function widerRanges({ variant, best, tried }: TunedResult) {
  const points = tried.map(({ point }) => point);
  return variant.axes.flatMap(({ key, scale }, i) => {
    const has = best.point[i];
    if (scale === 'list' || typeof has !== 'number') return [];
    const numbers = (of: readonly Point[]) => of.map((point) => point[i] as number);
    const line = numbers(lineOf(i, best.point, points));
    const all = numbers(points);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const isAllowed = (value: number) => mayHave(variant, best.point, i, value);
    const further = (from: number, sign: 1 | -1) =>
      BEYOND.map((factor) => rounded(from * factor ** sign)).find(isAllowed) ?? from;
    if (has === Math.min(...line)) return [{ key, low: further(low, -1), high }];
    return has === Math.max(...line) ? [{ key, low, high: further(high, 1) }] : [];
  });
}

function mayHave(variant: TunedResult['variant'], point: Point, axis: number, value: number): boolean {
  try {
    tunedConfig(
      variant,
      point.map((own, i) => (i === axis ? value : own)),
    );
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

function remarks({ variant, best, tried }: TunedResult): string[] {
  const changed = variant.axes.flatMap(({ key, usual }, i) =>
    usual === null || usual === best.point[i]
      ? []
      : [`${key} ${valueText(best.point[i]!)} in place of ${valueText(usual)}`],
  );
  const lost = tried.filter(({ status }) => status === 'diverged').length;
  const failed = tried.filter(({ status }) => status === 'failed').length;
  return [
    best.figure === null
      ? `every trial ${lost === tried.length ? 'diverged' : 'was lost'}`
      : changed.length === 0
        ? 'best as it was without tuning'
        : `tuned: ${changed.join(', ')}`,
    ...(failed > 0 ? [`${failed} of ${tried.length} trials failed: see their logs`] : []),
  ];
}
