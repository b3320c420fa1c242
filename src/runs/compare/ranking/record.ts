import { figuresOfTask } from '../../../config/index.js';
import type { Comparison } from './comparison.js';
import type { Ranked, Ranking } from './ranking.js';
import type { RunResult } from './results.js';

/**
 * The results as `compare.json` and `--json` have them.
 *
 * @param comparison what was found
 * @returns plain data, keys in snake_case, null for what is not known
 */
export function resultsRecord(comparison: Comparison): Record<string, unknown> {
  const { ranking, verdict, fairness, gates, shared, standsInFor, against } = comparison;
  return {
    ranked_by: ranking.by,
    target: ranking.target,
    // The key is of before samples were not always images.
    different_samples:
      ranking.differentSamples?.map(({ samples, names }) => ({ images: samples, names })) ?? null,
    fairness,
    shared_machine: shared,
    stands_in_for: standsInFor,
    verdict: verdict.overall,
    variants: ranking.variants.map((variant) => ({
      ...variantRecord(variant, ranking),
      verdict: verdict.variants.get(variant.name) ?? [],
    })),
    expect: gates,
    ...(against && { baseline: against }),
  };
}

function variantRecord(variant: Ranked, { metrics, hasTest }: Ranking) {
  const { name, rank, status, figures, trainSeconds, toTarget, behind, summary, runs } = variant;
  return {
    name,
    rank,
    status,
    summary,
    figures: Object.fromEntries(figuresOfTask(metrics, hasTest).map((metric) => [metric, figures[metric]])),
    to_target: toTarget,
    behind_best: behind,
    train_seconds: trainSeconds,
    runs: runs.map(runRecord),
  };
}

function runRecord({ name, path, seed, status, reason, figures, record }: RunResult) {
  const diverged = record?.diverged;
  return {
    name,
    path,
    seed,
    status,
    reason,
    epochs: record?.epochs.length ?? 0,
    figures,
    diverged: diverged
      ? { step: diverged.step, cause: diverged.cause, suggested_lr: diverged.suggested_lr }
      : null,
  };
}
