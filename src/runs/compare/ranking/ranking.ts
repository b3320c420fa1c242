import { type EpochMetric, figuresOfTask, isBetterLarger, type Metric } from '../../../config/index.js';
import { bareName, movesBySample } from '../../../train/task/index.js';
import { haveSameLoss } from '../../store/differences.js';
import { distinct, type EpochKey, keyFor, type Measured, type Part, partOf } from '../../store/figures.js';
import { countOf, differentSamples, nounOf, type SampleGroup } from '../../store/samples.js';
import { isGuess } from './chance.js';
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

/** Means over the runs that reached the target; where not all did, the mean over all is infinite. */
export interface ToTarget {
  readonly reached: number;
  readonly steps: number;
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
  /** From 1; null for one that did not get to the end, and where figures are of different samples. */
  readonly rank: number | null;
  readonly status: RunStatus;
  /** Over the seeds; null for what was never measured. */
  readonly figures: Readonly<Partial<Record<Metric, Estimate | null>>>;
  readonly trainSeconds: number;
  readonly toTarget: ToTarget | null;
  /** How far behind the best it is, paired by seed: above 0 is worse; null for the best itself. */
  readonly behind: Behind | null;
}

export interface Ranking {
  /** The figure that decides the order. */
  readonly by: EpochMetric;
  /** Whether samples were left for the end, so that there are figures of them. */
  readonly hasTest: boolean;
  /** What the variants' tasks measure; first the primary metric, which decides where nobody says by what. */
  readonly metrics: readonly [Measured, ...Measured[]];
  readonly target: Target | null;
  /** Where the figure that decides is of different samples, so that there is no order: which, and whose. */
  readonly differentSamples: readonly SampleGroup[] | null;
  /** What a sample is called. */
  readonly noun: ReturnType<typeof nounOf>;
  /** Best first; then what did not get to the end. */
  readonly variants: readonly Ranked[];
  readonly best: Ranked | null;
  /** The primary metric of guessing, where no variant ends clearly better; null: some do, or it is not known. */
  readonly onlyGuessing: number | null;
  /** Whether a variant was clearly better than guessing after some epoch. */
  readonly hasLearnt: boolean;
  /** Whether all have the same loss, so that its values mean the same. */
  readonly sameLoss: boolean;
}

/**
 * Ranks variants by a figure of their last epochs, and finds out how soon each reached the target.
 *
 * @param variants what came of them, at least one
 * @param options by: what decides, by default the task's primary metric in evaluation, or in training where nothing was
 * evaluated; target: by default the best that the worst variant reached of it that learned something: of those whose best is
 * clearly better than guessing, and at least half way from chance to the best of all; none where nobody has
 * @returns the ranking
 */
export function rankVariants(
  variants: readonly VariantResult[],
  options: { readonly by?: EpochMetric | undefined; readonly target?: Target | undefined } = {},
): Ranking {
  const measured = (metric: Metric) =>
    variants.some(({ runs }) => runs.some(({ figures }) => figures[metric] != null));
  const metrics = metricsOf(variants);
  const [primary] = metrics;
  const usual = keyFor(measured(keyFor('eval', primary)) ? 'eval' : 'train', primary);
  const by = options.by ?? usual;
  const isMeasured = (variant: VariantResult) =>
    statusOfVariant(variant) === 'done' && variant.runs.some(({ figures }) => figures[by] != null);
  const samples = differentSamples(recordsOf(variants.filter(isMeasured)), partOf(by));
  const target = options.target ?? (samples === null ? defaultTarget(variants, usual, primary) : null);
  const hasTest = measured('test_loss');
  const names = figuresOfTask(metrics, hasTest);
  const all = variants.map((variant) => describe(variant, names, target));
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
    hasTest,
    metrics,
    target,
    differentSamples: samples,
    noun: nounOf(recordsOf(variants).map(({ record }) => record)),
    best: ranked[0] ?? null,
    ...learning(ranked, primary, by),
    variants: [...ranked, ...all.filter((variant) => !isRanked(variant))],
    sameLoss: haveSameLoss(variants.flatMap(({ runs }) => runs.flatMap(({ record }) => record ?? []))),
  };
}

/** Of variants with different tasks, first those of the first one. */
function metricsOf(variants: readonly VariantResult[]): Ranking['metrics'] {
  const [first, ...others] = distinct(variants.flatMap(({ runs }) => runs.flatMap(({ metrics }) => metrics)));
  if (first === undefined) throw new Error('no variant has a task');
  return [first, ...others];
}

/** Every run that left something, under the name of its variant. */
function recordsOf(variants: readonly VariantResult[]) {
  return variants.flatMap(({ name, runs }) =>
    runs.flatMap(({ record }) => (record === null ? [] : [{ name, record }])),
  );
}

function describe(variant: VariantResult, names: readonly Metric[], target: Target | null): Ranked {
  const { runs } = variant;
  const figures = names.map((metric): [Metric, Estimate | null] => {
    const values = runs.flatMap((run) => run.figures[metric] ?? []);
    return [metric, values.length === 0 ? null : estimate(values)];
  });
  return {
    ...variant,
    rank: null,
    status: statusOfVariant(variant),
    figures: Object.fromEntries(figures),
    trainSeconds: mean(runs.map((run) => secondsUntil(run, Number.POSITIVE_INFINITY))),
    toTarget: target && toTarget(runs, target),
    behind: null,
  };
}

/** What was reached of the primary metric in evaluation, or in training where nothing was evaluated. */
function learning(
  ranked: readonly Ranked[],
  primary: Measured,
  by: EpochMetric,
): Pick<Ranking, 'onlyGuessing' | 'hasLearnt'> {
  const part = ranked.some(({ figures }) => figures[keyFor('eval', primary)] != null) ? 'eval' : 'train';
  const key = keyFor(part, primary);
  const samples = samplesOf(ranked, part);
  const isLearnt = (metric: EpochMetric) =>
    ranked.some(({ figures }) => {
      const figure = figures[metric];
      return figure != null && !isGuess(figure.mean, primary, samples);
    });
  const isKnown = primary.chance !== null && ranked.some(({ figures }) => figures[`best_${key}`] != null);
  const hasLearnt = !isKnown || isLearnt(`best_${key}`);
  // Who goes by the best epoch takes its weights.
  const isUseful = hasLearnt && (!isKnown || by.startsWith('best_') || isLearnt(key));
  return { onlyGuessing: isUseful ? null : primary.chance, hasLearnt };
}

/** How many samples the figures of a part are of: the fewest that a variant has; null: nobody knows. */
function samplesOf(variants: readonly VariantResult[], part: Part): number | null {
  const counts = recordsOf(variants).flatMap(({ record }) => countOf(record, part) ?? []);
  return counts.length === 0 ? null : Math.min(...counts);
}

function toTarget(runs: readonly RunResult[], { metric, bound }: Target): ToTarget | null {
  const isReached = (value: number | null | undefined) =>
    value != null && (isBetterLarger(metric) ? value >= bound : value <= bound);
  const reached = runs.flatMap((run) => {
    const found = run.record?.epochs.find((record) => isReached(record[metric]));
    if (found === undefined) return [];
    return [{ epoch: found.epoch, step: found.step, seconds: secondsUntil(run, found.epoch) }];
  });
  if (reached.length === 0) return null;
  return {
    reached: reached.length,
    steps: mean(reached.map(({ step }) => step)),
    epochs: mean(reached.map(({ epoch }) => epoch)),
    seconds: mean(reached.map(({ seconds }) => seconds)),
  };
}

function secondsUntil({ record }: RunResult, epoch: number): number {
  const timings = record?.timings.filter((timing) => timing.epoch <= epoch) ?? [];
  return timings.reduce((sum, timing) => sum + timing.train_seconds, 0);
}

function defaultTarget(
  variants: readonly VariantResult[],
  metric: EpochKey,
  primary: Measured,
): Target | null {
  const { better, chance } = primary;
  const samples = samplesOf(variants, partOf(metric));
  const best = `best_${metric}` as const;
  const sign = better === 'larger' ? 1 : -1;
  const [least, most] = sign > 0 ? [Math.min, Math.max] : [Math.max, Math.min];
  const done = variants.filter((variant) => statusOfVariant(variant) === 'done');
  // Of several seeds the worst counts, so that all of them reach it.
  const values = done.flatMap(({ runs }) => {
    const own = runs.flatMap(({ figures }) => figures[best] ?? []);
    return own.length === 0 ? [] : [least(...own)];
  });
  const learned = values.filter((value) => {
    // Where nobody knows what guessing reaches, who got to the end is taken to have learned something.
    if (chance === null) return true;
    const halfWay = (chance + most(...values)) / 2;
    return !isGuess(value, primary, samples) && sign * (value - halfWay) >= 0;
  });
  return learned.length === 0 ? null : { metric, bound: least(...learned) };
}

function behind(variant: Ranked, best: Ranked, by: EpochMetric): PairedDifference {
  const sign = isBetterLarger(by) ? 1 : -1;
  const pairs = best.runs.flatMap((partner, i) => {
    const own = variant.runs[i]?.figures[by] ?? null;
    const other = partner.figures[by] ?? null;
    return own === null || other === null ? [] : [[sign * other, sign * own] as const];
  });
  return pairedDifference(
    pairs.map(([first]) => first),
    pairs.map(([, second]) => second),
    movesBySample(bareName(by)) ? samplesOf([variant, best], partOf(by)) : null,
  );
}
