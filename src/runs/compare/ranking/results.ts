import { LossnetError } from '../../../base/errors.js';
import { exists } from '../../../base/read.js';
import { type Figures, figuresOf, type Measured } from '../../store/figures.js';
import { RunFolder } from '../../store/folder.js';
import { type RunRecord, readRun, statusOf } from '../../store/read.js';
import type { Outcome } from '../execute/protocol.js';

/** How a run stands: `unfinished` was interrupted, or not begun. */
export type RunStatus = 'done' | 'diverged' | 'failed' | 'unfinished';

/** A run and what came of it. */
export interface RunResult {
  readonly name: string;
  readonly path: string;
  readonly seed: number;
  readonly status: RunStatus;
  /** Why it failed: the exit code and the last lines of stderr. */
  readonly reason: string | null;
  /** What it left on the disk; null when it failed before it began. */
  readonly record: RunRecord | null;
  /** What its task measures, the primary metric first. */
  readonly metrics: readonly Measured[];
  readonly figures: Figures;
}

/** A variant and its runs, one for each seed. */
export interface VariantResult {
  readonly name: string;
  /** One sentence about its preset; null without one. */
  readonly summary: string | null;
  readonly runs: readonly RunResult[];
}

/**
 * Reads what a run has left.
 *
 * @param path its folder
 * @param name how it is called here
 * @param options seed, metrics: of a run that has left nothing; outcome: how its process ended, when it was started just now
 * @returns the result
 */
export function readResult(
  path: string,
  name: string,
  options: {
    readonly seed?: number;
    readonly metrics?: readonly Measured[];
    readonly outcome?: Outcome | undefined;
  } = {},
): RunResult {
  const { outcome } = options;
  let record: RunRecord | null = null;
  let reason: string | null = outcome?.status === 'failed' ? outcome.reason : null;
  try {
    if (exists(new RunFolder(path).config)) record = readRun(path);
  } catch (error) {
    // Of runs that are only read, the mistake is the user's; of those just trained, it is one variant's.
    if (outcome === undefined || !(error instanceof LossnetError)) throw error;
    reason = error.message;
  }
  const metrics = record?.metrics ?? options.metrics ?? [];
  return {
    name,
    path,
    seed: record?.config.seed ?? options.seed ?? 0,
    status: reason === null ? (record ? statusOfRun(record) : 'unfinished') : 'failed',
    reason,
    record,
    metrics,
    figures: figuresOf(record?.epochs ?? [], metrics, record?.summary?.test ?? null),
  };
}

/** What a run's own files say. */
export function statusOfRun(record: RunRecord): RunStatus {
  const status = statusOf(record);
  return status === 'done' || status === 'diverged' ? status : 'unfinished';
}

/** The worst that happened to one of a variant's runs. */
export function statusOfVariant({ runs }: VariantResult): RunStatus {
  const worst = (['failed', 'diverged', 'unfinished'] as const).find((status) =>
    runs.some((run) => run.status === status),
  );
  return worst ?? 'done';
}
