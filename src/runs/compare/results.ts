import { join } from 'node:path';
import { PRESETS } from '../../config/index.js';
import { measuredOf } from '../../train/task/index.js';
import type { CompareEvent } from './events.js';
import type { Outcome } from './execute/protocol.js';
import type { Workers } from './execute/workers.js';
import type { ComparisonFolder } from './folder.js';
import type { PlannedRun, Variant } from './plan/variants.js';
import { readResult, type VariantResult } from './ranking/results.js';

/** What the task of a run measures. */
export const measuredBy = ({ plan }: PlannedRun) =>
  measuredOf(plan.source.spec.target, plan.config.loss.type);

/**
 * Reads what the runs of variants have left.
 *
 * @param variants what was trained
 * @param folder where
 * @param outcomes how the runs ended that were trained just now
 * @returns what came of each
 */
export function resultsOf(
  variants: readonly Variant[],
  folder: ComparisonFolder,
  outcomes: ReadonlyMap<string, Outcome>,
): VariantResult[] {
  return variants.map(({ name, preset, runs }) => ({
    name,
    summary: preset === null ? null : PRESETS[preset].summary,
    runs: runs.map((run) => {
      const outcome = outcomes.get(run.name);
      const metrics = measuredBy(run);
      return readResult(folder.run(run.name).path, run.name, { seed: run.seed, metrics, outcome });
    }),
  }));
}

/** Charts, tables and mistakes of all runs, in the folder of the comparison. That this fails is no failure of it. */
export async function report(
  { path }: ComparisonFolder,
  workers: Workers,
  onEvent: (event: CompareEvent) => void,
): Promise<void> {
  const silent = { event: () => {}, notice: () => {}, line: () => {} };
  const outcome = await workers.run({ type: 'report', folder: path }, silent);
  if (outcome.status === 'failed') onEvent({ type: 'no_report', reason: outcome.reason });
  else onEvent({ type: 'report', html: join(path, 'report.html') });
}
