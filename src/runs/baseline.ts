import { LossnetError, UsageError } from '../base/errors.js';
import type { Gate, Metric } from '../config/index.js';
import { nearest } from '../config/validate/spelling.js';
import { type RunResult, readResult } from './compare/ranking/results.js';
import { difference, type Estimate, estimate, pairedDifference } from './compare/ranking/statistics.js';
import { parseComparison } from './store/comparison.js';
import { Damage } from './store/damage.js';
import { missingRun } from './store/read.js';
import { differentSamples } from './store/samples.js';

/** Runs with one configuration, one for each seed. */
type Runs = readonly Pick<RunResult, 'seed' | 'figures' | 'record'>[];

/** What others are held against: a run, or the variants of a comparison. */
export interface Baseline {
  /** As it was named. */
  readonly path: string;
  /** A run has one, without a name. */
  readonly variants: readonly { readonly name: string | null; readonly runs: readonly RunResult[] }[];
}

/** A figure beside the baseline's. */
export interface Change {
  readonly metric: Metric;
  /** Means over the seeds. */
  readonly value: number;
  readonly baseline: number;
  /** `value - baseline`. */
  readonly difference: number;
  /** Half of its 95 % interval, by what differs between seeds; null where one of both has a single seed. */
  readonly margin: number | null;
}

/**
 * Reads what others are to be held against.
 *
 * @param path folder of a run or of a comparison
 * @returns its runs
 * @throws UsageError when there is none, or one of its runs did not get to its end; ConfigError, LossnetError when it is damaged
 */
export function readBaseline(path: string): Baseline {
  if (path.trim() === '') {
    throw new UsageError('LOSSNET_USAGE', '--baseline is empty.', 'Name a run, such as runs/main.');
  }
  const comparison = comparisonIn(path);
  const variants = comparison?.variants ?? [{ name: null, runs: [path] }];
  const read = variants.map(({ name, runs }) => ({ name, runs: runs.map(readSound) }));
  for (const { path: run, status, record } of read.flatMap(({ runs }) => runs)) {
    if (record === null && comparison === null) throw missingRun(path);
    if (status === 'done') continue;
    throw new UsageError(
      'LOSSNET_USAGE',
      `--baseline ${path}: ${run === path ? 'it' : run} ${status === 'diverged' ? 'diverged' : 'did not get to its end'}, and has no figures to be held against.`,
      'Name a run or a comparison that is done.',
    );
  }
  return { path, variants: read };
}

/** What is damaged can be mended; what is at hand is another one. */
function readSound(run: string): RunResult {
  try {
    return readResult(run, run);
  } catch (error) {
    if (!(error instanceof LossnetError) || error.code !== 'LOSSNET_RUN_DAMAGED') throw error;
    const remedy = `Name another run or comparison with --baseline, or mend this one.\n${error.remedy}`;
    throw new LossnetError(error.code, error.message, remedy, { cause: error });
  }
}

function comparisonIn(path: string) {
  try {
    return parseComparison(path);
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    const message = `--baseline ${path}: its compare.json is damaged: ${error.message}.`;
    throw new UsageError('LOSSNET_COMPARISON_DAMAGED', message, 'Put it back as it was, or name another.');
  }
}

/**
 * @param baseline what others are held against
 * @param variant what is held against it; null: a single run
 * @returns the runs that are meant: of a comparison those of the same name, or of its only variant
 * @throws UsageError when there are several, and none of that name
 */
export function runsFor({ path, variants }: Baseline, variant: string | null): readonly RunResult[] {
  const same = variants.length === 1 ? variants[0] : variants.find(({ name }) => name === variant);
  if (same !== undefined) return same.runs;
  const names = variants.map(({ name }) => name!);
  const all = `Its variants: ${names.join(', ')}.`;
  if (variant === null) {
    const message = `--baseline ${path} is a comparison of several variants, and this is a single run.`;
    throw new UsageError('LOSSNET_USAGE', message, `${all} Name the folder of one run in it.`);
  }
  const meant = nearest(variant, names);
  const guess = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw new UsageError('LOSSNET_USAGE', `--baseline ${path} has no variant ${variant}.${guess}`, all);
}

/**
 * Refuses what cannot be decided, before anything is trained for it.
 *
 * @param gates what is expected
 * @param baseline undefined: none was named
 * @param variants what is held against it; null: a single run
 * @throws UsageError when a gate needs a baseline that is not there, or a figure that it has not
 */
export function checkBaseline(
  gates: readonly Gate[],
  baseline: Baseline | undefined,
  variants: readonly string[] | null,
): void {
  const relative = gates.filter(({ ofBaseline }) => ofBaseline !== 0);
  const [first] = relative;
  if (baseline === undefined) {
    if (first === undefined) return;
    throw noBaseline(first.text);
  }
  for (const variant of variants ?? [null]) {
    const runs = runsFor(baseline, variant);
    for (const { metric, text, variant: meant } of relative) {
      if (meant !== null && meant !== variant) continue;
      if (valuesOf(runs, metric).length > 0) continue;
      const known = Object.entries(runs[0]?.figures ?? {}).flatMap(([name, value]) =>
        value == null ? [] : name,
      );
      const message = `${text}: the baseline ${baseline.path} has no ${metric}.`;
      throw new UsageError('LOSSNET_USAGE', message, `Its figures are ${known.join(', ')}.`);
    }
  }
}

/** @returns what to say where a gate needs a baseline, and there is none */
export function noBaseline(gate: string): UsageError {
  const message = `${gate} expects something of a baseline, and none is named.`;
  return new UsageError('LOSSNET_USAGE', message, 'Name one, such as --baseline runs/main.');
}

/**
 * Holds a figure against the baseline's, paired by seed where both have the same ones.
 *
 * @param metric which
 * @param own runs
 * @param others the baseline's
 * @returns what has changed; null where one of both has no such figure
 */
export function changeOf(metric: Metric, own: Runs, others: Runs): Change | null {
  const [a, b] = [valuesOf(own, metric), valuesOf(others, metric)];
  if (a.length === 0 || b.length === 0) return null;
  const { mean, margin } = differenceOf(a, b);
  const [value, baseline] = [a, b].map((of) => estimate(of.map((each) => each.value)).mean);
  return { metric, value: value!, baseline: baseline!, difference: mean, margin };
}

type Valued = { readonly seed: number; readonly value: number };

function differenceOf(a: readonly Valued[], b: readonly Valued[]): Estimate {
  const partners = a.flatMap(({ seed }) => b.find((other) => other.seed === seed) ?? []);
  const isPaired = a.length === b.length && new Set(partners.map(({ seed }) => seed)).size === a.length;
  const values = (of: readonly Valued[]) => of.map(({ value }) => value);
  return isPaired ? pairedDifference(values(a), values(partners)) : difference(values(a), values(b));
}

const valuesOf = (runs: Runs, metric: Metric): Valued[] =>
  runs.flatMap(({ seed, figures }) => {
    const value = figures[metric];
    return value == null ? [] : [{ seed, value }];
  });

/**
 * @param own runs
 * @param others the baseline's
 * @param path of the baseline
 * @returns what keeps their figures from meaning the same, in words
 */
export function doubts(own: Runs, others: Runs, path: string): string[] {
  const named = (runs: Runs, name: string) =>
    runs.flatMap(({ record }) => (record ? [{ name, record }] : []));
  const runs = [...named(own, 'this one'), ...named(others, path)];
  return (['eval', 'test'] as const).flatMap((part) => {
    const groups = differentSamples(runs, part);
    if (groups === null) return [];
    const each = groups.map(({ samples, names }) => `${names.join(', ')}: ${samples}`);
    return [
      `${part} figures are not of the samples of the baseline, and a change may be theirs: ${each.join('; ')}`,
    ];
  });
}
