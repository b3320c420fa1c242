import { type EpochMetric, type Gate, isGate, type Metric, parseGate } from '../../../config/index.js';
import type { MetricName } from '../../../train/task/index.js';
import { type Baseline, type Change, changeOf, doubts, runsFor } from '../../baseline.js';
import { checkGate, type GateResult } from '../../gates.js';
import type { Tuning } from '../tune/tuning.js';
import { type Fairness, fairnessOf } from './fairness.js';
import { type Ranking, rankVariants, type Target } from './ranking.js';
import type { VariantResult } from './results.js';
import { tunedVerdict } from './tuned-verdict.js';
import { type Verdict, verdictOf } from './verdict.js';

/** All that is known at the end of a comparison. */
export interface Comparison {
  readonly title: string;
  readonly ranking: Ranking;
  /** What the figures mean, in words. */
  readonly verdict: Verdict;
  readonly fairness: Fairness;
  readonly gates: readonly GateResult[];
  /** Whether runs shared the machine, so that their seconds are longer than alone. */
  readonly shared: boolean;
  readonly standsInFor: string | null;
  /** How each variant stands against the baseline; null: none was named. */
  readonly against: Against | null;
}

/** What was held against a baseline. */
export interface Against {
  /** Of the baseline. */
  readonly path: string;
  /** The figure that decides the order, and those of the samples for the end, of each variant that is done. */
  readonly variants: readonly { readonly name: string; readonly changes: readonly Change[] }[];
  /** What keeps the figures from meaning the same. */
  readonly doubts: readonly string[];
}

/** By what variants are compared. */
export interface Criteria {
  /** What the ranking goes by. Default: the task's primary metric, in evaluation. */
  readonly by?: EpochMetric | undefined;
  /** What is to be reached soon. Default: what the worst reached that learnt. */
  readonly target?: Target | undefined;
  /** What figures must be at the end. */
  readonly gates?: readonly Gate[] | undefined;
  /** Whether gates take figures of data that only stood in for others. Default: they fail. */
  readonly allowsStandIn?: boolean | undefined;
  /** What the variants are held against. Default: each other alone. */
  readonly baseline?: Baseline | undefined;
}

/**
 * Finds out what came of variants: their order, whether they can be compared, what was expected of them.
 *
 * @param results of each variant
 * @param options title of the comparison; shared: whether runs shared the machine; tuning: what was chosen before, default
 * nothing; by what they are compared
 * @returns all that is to be told
 */
export function comparisonOf(
  results: readonly VariantResult[],
  {
    title,
    shared,
    tuning = null,
    ...criteria
  }: { readonly title: string; readonly shared: boolean; readonly tuning?: Tuning | null } & Criteria,
): Comparison {
  const ranking = rankVariants(results, criteria);
  const standIns = results.flatMap(({ runs }) =>
    runs.flatMap(({ record }) => record?.start?.stands_in_for ?? []),
  );
  return {
    title: `lossnet compare: ${title}`,
    ranking,
    verdict: tuning === null ? verdictOf(ranking) : tunedVerdict(ranking, tuning),
    fairness: fairnessOf(results),
    gates: gatesOf(ranking, criteria, standIns[0]),
    shared,
    standsInFor: standIns[0] ?? null,
    against: criteria.baseline ? againstOf(ranking, criteria.baseline) : null,
  };
}

function gatesOf(
  { variants }: Ranking,
  { gates = [], allowsStandIn, baseline }: Criteria,
  standsInFor: string | undefined,
): GateResult[] {
  return variants.flatMap((variant): GateResult[] => {
    const own = variant.runs[0]?.record?.config.expect.map(parseGate).filter(isGate) ?? [];
    const meant = gates.filter((gate) => gate.variant === null || gate.variant === variant.name);
    const others = baseline === undefined ? [] : runsFor(baseline, variant.name);
    return [...own, ...meant].map((gate) => {
      const text = gate.variant === null ? `${variant.name}.${gate.text}` : gate.text;
      const value = variant.status === 'done' ? (variant.figures[gate.metric]?.mean ?? null) : null;
      const change = changeOf(gate.metric, variant.runs, others);
      return checkGate({ ...gate, text }, value, { standsInFor, allowsStandIn, change });
    });
  });
}

function againstOf({ variants, by, metrics }: Ranking, baseline: Baseline): Against {
  const figures: Metric[] = [
    by,
    ...metrics.slice(0, 1).map(({ name }) => `test_${name as MetricName}` as const),
  ];
  const done = variants.filter(({ status }) => status === 'done');
  const all = done.flatMap(({ name, runs }) => doubts(runs, runsFor(baseline, name), baseline.path));
  return {
    path: baseline.path,
    variants: done.map(({ name, runs }) => ({
      name,
      changes: figures.flatMap((metric) => changeOf(metric, runs, runsFor(baseline, name)) ?? []),
    })),
    doubts: [...new Set(all)],
  };
}
