import {
  type ConfigYaml,
  type Gate,
  isBetterLarger,
  METRICS,
  type Metric,
  specOf,
} from '../../../config/index.js';
import { createTask } from '../../../train/task/index.js';
import { haveSameLoss } from '../../store/differences.js';
import { type EpochKey, keyOf } from '../../store/figures.js';
import { differentSamples, type Part, type Sample } from '../../store/samples.js';
import { type RunResult, type RunStatus, statusOfVariant, type VariantResult } from './results.js';
import {
  type Estimate,
  estimate,
  mean,
  type PairedDifference,
  pairedDifference,
  significantOf,
} from './statistics.js';

/** What a variant should reach, and how quickly it did tells how fast it starts. */
export interface Target {
  readonly metric: EpochKey;
  readonly bound: number;
}

/** Means over the runs that reached the target. */
export interface ToTarget {
  readonly reached: number;
  readonly epochs: number;
  /** Of training alone, without start and evaluation. */
  readonly seconds: number;
}

/** A difference, and whether it is more than chance, with as many tests as there are variants; null: one seed. */
export interface Behind extends PairedDifference {
  readonly significant: boolean | null;
}

/** A variant with its place among the others. */
export interface Ranked extends VariantResult {
  /** From 1; null for one that did not get to the end, and where figures are of different images. */
  readonly rank: number | null;
  readonly status: RunStatus;
  /** Over the seeds; null for what was never measured. */
  readonly figures: Readonly<Record<Metric, Estimate | null>>;
  readonly trainSeconds: number;
  readonly toTarget: ToTarget | null;
  /** How far behind the best it is, paired by seed: above 0 is worse; null for the best itself. */
  readonly behind: Behind | null;
}

export interface Ranking {
  /** The figure that decides the order. */
  readonly by: Metric;
  readonly target: Target | null;
  /** Where the figure that decides is of different images, so that there is no order: which, and whose. */
  readonly differentSamples: readonly Sample[] | null;
  /** Best first; then what did not get to the end. */
  readonly variants: readonly Ranked[];
  readonly best: Ranked | null;
  /** Accuracy of guessing, where no variant came clearly above it; null: some did, or there is no accuracy. */
  readonly onlyGuessing: number | null;
  /** Whether all have the same loss, so that its values mean the same. */
  readonly sameLoss: boolean;
}

/**
 * Ranks variants by a figure of their last epochs, and finds out how soon each reached the target.
 *
 * @param variants what came of them
 * @param options by: what decides, by default eval_accuracy, or train_accuracy where nothing was evaluated; target:
 * by default the best accuracy of the worst variant that learned something: of those whose best is at least half way from
 * chance to the best of all
 * @returns the ranking
 */
export function rankVariants(
  variants: readonly VariantResult[],
  options: { readonly by?: Metric | undefined; readonly target?: Target | undefined } = {},
): Ranking {
  const measured = (metric: Metric) =>
    variants.some(({ runs }) => runs.some(({ figures }) => figures[metric] !== null));
  const by = options.by ?? (measured('eval_accuracy') ? 'eval_accuracy' : 'train_accuracy');
  const isMeasured = (variant: VariantResult) =>
    statusOfVariant(variant) === 'done' && variant.runs.some(({ figures }) => figures[by] !== null);
  const samples = differentSamples(recordsOf(variants.filter(isMeasured)), partOf(by));
  const goal = () => defaultTarget(variants, measured('eval_accuracy') ? 'eval_accuracy' : 'train_accuracy');
  const target = options.target ?? (samples === null ? goal() : null);
  const all = variants.map((variant) => describe(variant, target));
  const score = ({ figures }: Ranked) => (isBetterLarger(by) ? -1 : 1) * (figures[by]?.mean ?? Number.NaN);
  const isRanked = (variant: Ranked) => samples === null && isMeasured(variant);
  const order = all.filter(isRanked).sort((a, b) => score(a) - score(b));
  const [best = null] = order;
  const distances = order.slice(1).map((variant) => behind(variant, best!, by));
  const significant = significantOf(distances.map(({ p }) => p));
  const ranked = order.map((variant, i): Ranked => {
    if (i === 0) return { ...variant, rank: 1 };
    return {
      ...variant,
      rank: i + 1,
      behind: { ...distances[i - 1]!, significant: significant[i - 1]! },
    };
  });
  return {
    by,
    target,
    differentSamples: samples,
    best: ranked[0] ?? null,
    onlyGuessing: onlyGuessing(ranked),
    variants: [...ranked, ...all.filter((variant) => !isRanked(variant))],
    sameLoss: haveSameLoss(variants.flatMap(({ runs }) => runs.flatMap(({ record }) => record ?? []))),
  };
}

/** The part of the data that a metric is of. */
export const partOf = (metric: Metric): Part => (keyOf(metric).startsWith('eval') ? 'eval' : 'train');

/** Every run that left something, under the name of its variant. */
function recordsOf(variants: readonly VariantResult[]) {
  return variants.flatMap(({ name, runs }) =>
    runs.flatMap(({ record }) => (record === null ? [] : [{ name, record }])),
  );
}

function describe(variant: VariantResult, target: Target | null): Ranked {
  const { runs } = variant;
  const figures = METRICS.map((metric): [Metric, Estimate | null] => {
    const values = runs.flatMap((run) => run.figures[metric] ?? []);
    return [metric, values.length === 0 ? null : estimate(values)];
  });
  return {
    ...variant,
    rank: null,
    status: statusOfVariant(variant),
    figures: Object.fromEntries(figures) as Ranked['figures'],
    trainSeconds: mean(runs.map((run) => secondsUntil(run, Number.POSITIVE_INFINITY))),
    toTarget: target && toTarget(runs, target),
    behind: null,
  };
}

/** Above guessing by this factor is no chance any more: with 10 classes and 1,000 images, three standard deviations. */
const CLEARLY = 1.3;

function onlyGuessing(ranked: readonly Ranked[]): number | null {
  const config = ranked[0]?.runs[0]?.record?.config;
  const reached = ranked.flatMap(({ figures }) =>
    (['best_eval_accuracy', 'best_train_accuracy'] as const).flatMap((key) => figures[key]?.mean ?? []),
  );
  const chance = config && chanceOf(config);
  if (chance == null || reached.length === 0) return null;
  return Math.max(...reached) > CLEARLY * chance ? null : chance;
}

/** What guessing reaches; null where that cannot be said, or the data are not here to tell. */
function chanceOf(config: ConfigYaml): number | null {
  const spec = specOf(config);
  return spec && createTask(spec.target).metrics[0]!.chance;
}

function toTarget(runs: readonly RunResult[], { metric, bound }: Target): ToTarget | null {
  const isReached = (value: number | null) =>
    value !== null && (isBetterLarger(metric) ? value >= bound : value <= bound);
  const reached = runs.flatMap((run) => {
    const epoch = run.record?.epochs.find((record) => isReached(record[metric]))?.epoch;
    return epoch === undefined ? [] : [{ epoch, seconds: secondsUntil(run, epoch) }];
  });
  if (reached.length === 0) return null;
  return {
    reached: reached.length,
    epochs: mean(reached.map(({ epoch }) => epoch)),
    seconds: mean(reached.map(({ seconds }) => seconds)),
  };
}

function secondsUntil({ record }: RunResult, epoch: number): number {
  const timings = record?.timings.filter((timing) => timing.epoch <= epoch) ?? [];
  return timings.reduce((sum, timing) => sum + timing.train_seconds, 0);
}

function defaultTarget(variants: readonly VariantResult[], metric: EpochKey): Target | null {
  const best = `best_${metric}` as Metric;
  const done = variants.filter((variant) => statusOfVariant(variant) === 'done');
  // Of several seeds the worst counts, so that all of them reach it.
  const values = done.flatMap(({ runs }) => {
    const own = runs.flatMap(({ figures }) => figures[best] ?? []);
    return own.length === 0 ? [] : [Math.min(...own)];
  });
  const config = done[0]?.runs[0]?.record?.config;
  const chance = config && chanceOf(config);
  if (values.length === 0 || chance == null) return null;
  const halfWay = (chance + Math.max(...values)) / 2;
  const learned = values.filter((value) => value > chance && value >= halfWay);
  return learned.length === 0 ? null : { metric, bound: Math.min(...learned) };
}

function behind(variant: Ranked, best: Ranked, by: Metric): PairedDifference {
  const sign = isBetterLarger(by) ? 1 : -1;
  const pairs = best.runs.flatMap((partner, i) => {
    const own = variant.runs[i]?.figures[by] ?? null;
    const other = partner.figures[by];
    return own === null || other === null ? [] : [[sign * other, sign * own] as const];
  });
  return pairedDifference(
    pairs.map(([first]) => first),
    pairs.map(([, second]) => second),
  );
}

/** The target that `--target` asks for. */
export function targetOf({ metric, bound }: Gate): Target {
  return { metric: keyOf(metric), bound };
}
