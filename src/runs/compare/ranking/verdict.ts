import { capital, formatLr, plural } from '../../../base/format.js';
import { isBetterLarger, namedLr, toCamelCase } from '../../../config/index.js';
import { listing } from '../../../config/problems/text.js';
import { DIVERGENCE } from '../../../train/diagnosis.js';
import { formatDifference, formatMetric, metricText } from '../../metric-text.js';
import { partOf } from '../../store/figures.js';
import { advice } from './advice.js';
import { neighbours } from './neighbours.js';
import type { Ranked, Ranking, Target } from './ranking.js';
import type { RunStatus } from './results.js';

/** What the figures mean, in words. */
export interface Verdict {
  /** Which variant to use, and why. */
  readonly overall: readonly string[];
  /** By variant, the most important first. */
  readonly variants: ReadonlyMap<string, readonly string[]>;
}

/**
 * Says which variant to use and why, and about each how it did and what to try.
 *
 * @param ranking the figures
 * @param tuned values that were tuned, by variant: nobody needs another learning rate then. Default: none were
 * @returns the verdict
 */
export function verdictOf(ranking: Ranking, tuned: ReadonlyMap<string, string> = new Map()): Verdict {
  const quickest = quickestOf(ranking);
  const variants = ranking.variants.map((variant): [string, string[]] => [
    variant.name,
    [
      ...standing(variant, ranking),
      ...(variant === quickest ? [fastest(variant, ranking)] : []),
      ...advice(variant, ranking, tuned.has(variant.name)),
    ],
  ]);
  return { overall: overall(ranking, quickest, tuned), variants: new Map(variants) };
}

function overall(ranking: Ranking, quickest: Ranked | null, tuned: ReadonlyMap<string, string>): string[] {
  const { best, by, target, variants } = ranking;
  const named = (status: RunStatus) =>
    variants.filter((variant) => variant.status === status).map(({ name }) => name);
  const [open, failed] = [named('unfinished'), named('failed')];
  const missing = [
    ...(open.length > 0 ? [`${listing(open)} ${open.length === 1 ? 'is' : 'are'} not finished`] : []),
    ...(failed.length > 0 ? [`${listing(failed)} failed`] : []),
  ].join('; ');
  if (ranking.differentSamples !== null)
    return [...apart(ranking), ...(missing === '' ? [] : [`${capital(missing)}.`])];
  if (best === null) return [`No variant got to the end${missing === '' ? '' : `: ${missing}`}.`];
  if (missing !== '') {
    return [
      `Not decided: ${missing}.`,
      `Of the others ${best.name} is ahead, with ${metricText(by)} ${formatMetric(by, best.figures[by]!.mean)}.`,
    ];
  }
  const figure = best.figures[by]!;
  if (ranking.onlyGuessing !== null) {
    const primary = ranking.metrics[0].name;
    return [
      `${ranking.hasLearnt ? 'None ends better than guessing' : 'None has learnt'}: ${best.name} is first with ${metricText(by)} ${formatMetric(by, figure.mean)}, and guessing has ${withArticle(primary)} of ${formatMetric(primary, ranking.onlyGuessing)}.`,
      variants.some((variant) => isAdvised(variant, ranking, tuned))
        ? 'What to change is said of each below; else look for a learning rate with lossnet lr-find.'
        : 'What to change cannot be told yet: train longer, or look for a learning rate with lossnet lr-find.',
    ];
  }
  const others = variants.filter(({ rank }) => rank !== null && rank > 1);
  const alike = others.filter(({ behind }) => behind?.significant === false);
  const and = quickest === best && target !== null ? `, and is the first at ${targetText(target)}` : '';
  const values = tuned.get(best.name);
  const use = values === undefined ? best.name : `${best.name} with ${values}`;
  const lines = [
    `Use ${use}: it ${variants.length > 1 ? 'ends best,' : 'ends'} with ${metricText(by)} ${formatMetric(by, figure.mean)}${and}.`,
  ];
  if (others.length > 0 && figure.count === 1) {
    lines.push('One seed each: a small lead can be luck. --seeds 3 tells whether it is more.');
  } else if (alike.length > 0) {
    lines.push(
      `Not significantly better than ${listing(alike.map(({ name }) => name))}: over ${figure.count} seeds, that can be luck.`,
    );
  } else if (others.length > 0) {
    lines.push(
      `Significantly better than ${others.length === 1 ? others[0]!.name : 'every other'} over ${figure.count} seeds.`,
    );
  }
  if (quickest !== null && quickest !== best && target !== null) {
    const { toTarget } = quickest;
    lines.push(
      `For a quick result ${quickest.name}: ${targetText(target)} after ${epochsText(toTarget!.epochs)}${best.toTarget ? `, ${best.name} after ${epochsText(best.toTarget.epochs)}` : ''}.`,
    );
  }
  return lines;
}

/** Whether more is said of what to change about a variant than that its runs were too short to tell. */
function isAdvised(variant: Ranked, ranking: Ranking, tuned: ReadonlyMap<string, string>): boolean {
  if (variant.status === 'diverged') return true;
  const isShort = variant.runs.every(({ record }) => record?.summary?.diagnosis?.kind === 'too_short');
  return !isShort && advice(variant, ranking, tuned.has(variant.name)).length > 0;
}

/** Why there is no order, and how to get one. */
function apart({ by, differentSamples, noun }: Ranking): string[] {
  const groups = (differentSamples ?? []).map(({ names, samples }) => `${listing(names)} on ${samples}`);
  const keys = partOf(by) === 'eval' ? 'dataset and evaluation.limit' : 'dataset and loader.limit';
  return [
    `Not ranked: ${metricText(by)} is of different ${noun}s, so that it does not tell which variant is better.`,
    `Measured were ${groups.join('; ')}.`,
    `For an order, train them with the same ${keys}.`,
  ];
}

/** `an accuracy`, `a top5 accuracy`, `an r2`: by how it is said. */
const withArticle = (metric: string) =>
  `${/^([aeiou]|[fhlmnrsx](?![aeiou]))/.test(metric) ? 'an' : 'a'} ${metricText(metric)}`;

const isDecided = (variants: readonly Ranked[]) =>
  variants.every(({ status }) => status === 'done' || status === 'diverged');

function standing(variant: Ranked, ranking: Ranking): string[] {
  const { best, by, variants, differentSamples } = ranking;
  const { status, rank, behind, runs } = variant;
  if (status === 'failed') return ['failed: see its log'];
  if (status === 'diverged') return [diverged(variant, ranking)];
  if (status === 'unfinished') return ['not finished'];
  if (rank === null && variant.figures[by] == null) return [`${by} was never measured`];
  const own = differentSamples?.filter(({ names }) => names.includes(variant.name)) ?? [];
  if (own.length > 0)
    return [`not ranked: its ${metricText(by)} is of ${own.map(({ samples }) => samples).join(' and ')}`];
  if (variants.length === 1) return [];
  if (rank === 1) return [isDecided(variants) ? 'best at the end' : 'best of those at the end'];
  if (behind === null || best === null) return [];
  const { mean, margin, significant } = behind;
  if (mean === 0) return [`level with ${best.name}`];
  const distance = `${formatDifference(by, mean, margin)} behind ${best.name}`;
  const isUnsure = margin !== null && !significant;
  return [isUnsure ? `${distance}: not significant over ${runs.length} seeds` : distance];
}

function diverged(variant: Ranked, ranking: Ranking): string {
  const { runs } = variant;
  const records = runs.flatMap(({ record }) => record?.diverged ?? []);
  const some = records.length < runs.length ? ` with ${records.length} of ${runs.length} seeds` : '';
  const [first] = records;
  if (first === undefined) return `diverged${some}`;
  const config = runs.find(({ record }) => record?.diverged)!.record!.config;
  const rates = records.flatMap(({ suggested_lr }) => suggested_lr ?? []);
  if (rates.length === 0) return `diverged${some} at step ${first.step}: ${DIVERGENCE[first.cause].finding}`;
  const { key } = namedLr(toCamelCase(config));
  const lower = neighbours(variant, ranking).filter(({ isHigher }) => !isHigher);
  const sound = lower.find((other) => other.variant.status === 'done');
  if (sound !== undefined) {
    return `diverged${some} at step ${first.step}: ${sound.variant.name}, with a lower ${key}, got to the end`;
  }
  // A rate that is known to diverge too is none to try.
  const known = lower.flatMap((other) =>
    other.variant.runs.flatMap(({ record }) => record?.diverged?.suggested_lr ?? []),
  );
  return `diverged${some} at step ${first.step}: lower ${key} to ${formatLr(Math.min(...rates, ...known))}`;
}

/**
 * The variant that reached the target in the fewest epochs, if all its runs did and no other was as quick; none where nothing has
 * learnt: then it did so by chance.
 */
function quickestOf({ variants, target, hasLearnt }: Ranking): Ranked | null {
  if (target === null || !hasLearnt || variants.length < 2) return null;
  const reached = variants.filter(
    ({ toTarget, runs, rank }) => rank !== null && toTarget?.reached === runs.length,
  );
  const [first, second] = [...reached].sort((a, b) => a.toTarget!.epochs - b.toTarget!.epochs);
  return first !== undefined && (second === undefined || first.toTarget!.epochs < second.toTarget!.epochs)
    ? first
    : null;
}

const fastest = ({ toTarget }: Ranked, { target }: Ranking) =>
  `fastest start: ${targetText(target!)} after ${epochsText(toTarget!.epochs)}`;

export function targetText({ metric, bound }: Target): string {
  return `${metricText(metric)} ${isBetterLarger(metric) ? '' : '≤ '}${formatMetric(metric, bound)}`;
}

const epochsText = (epochs: number) =>
  Number.isInteger(epochs) ? plural(epochs, 'epoch') : `${epochs.toFixed(1)} epochs`;
