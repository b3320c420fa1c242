import { capital, formatLr, plural } from '../../../base/format.js';
import { listing } from '../../../config/problems/text.js';
import { pointText } from '../tune/plan.js';
import type { GoodRange, TunedResult, Tuning } from '../tune/tuning.js';
import type { Ranking } from './ranking.js';
import { type Verdict, verdictOf } from './verdict.js';

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
  const key = at[0]!.variant.axes[0]!.key;
  return [
    `The best of ${names} lies at the edge of what was tried: there may be a better one beyond. Try a wider range, such as --tune '${key}=1e-6..100'.`,
  ];
}

function remarks({ variant, best, tried }: TunedResult): string[] {
  const changed = variant.axes.flatMap(({ key, usual }, i) =>
    usual === null || usual === best.point[i] ? [] : [`${key} ${best.point[i]} in place of ${usual}`],
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
