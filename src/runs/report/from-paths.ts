import { basename, join, resolve } from 'node:path';
import { plural } from '../../base/format.js';
import type { Io } from '../../cli/io.js';
import { readComparison } from '../store/comparison.js';
import type { RunRecord } from '../store/read.js';
import { findRuns } from './find-runs.js';
import { type ReportFiles, writeReport } from './index.js';

/** The options of `lossnet report`. */
export interface ReportFlags {
  readonly output?: string;
  readonly title?: string;
  readonly predictions?: boolean;
  readonly force?: true;
}

/**
 * Writes a report on runs; on those of a comparison with its verdict.
 *
 * @param paths folders of runs, or folders with runs in them
 * @param flags the options
 * @param io where to say what takes long
 * @returns how many runs it is on, how many could not be read, and the files
 * @throws UsageError, LossnetError, as `findRuns` and `writeReport` do
 */
export async function reportOn(
  paths: readonly string[],
  flags: ReportFlags,
  io: Io,
): Promise<ReportFiles & { readonly runs: number; readonly leftOut: number }> {
  const { results: runs, leftOut } = findRuns(paths, io);
  const [only = ''] = paths;
  const isOne = paths.length === 1;
  const options = {
    output: flags.output ?? (isOne ? join(only, 'report.html') : 'report.html'),
    title: flags.title ?? titleOf(paths, runs),
    force: flags.force ?? false,
    predictions: flags.predictions ?? true,
    lead: (isOne && readComparison(only)?.verdict) || [],
  };
  return { ...(await writeReport(runs, options, io)), runs: runs.length, leftOut };
}

function titleOf(paths: readonly string[], runs: readonly RunRecord[]): string {
  if (runs.length === 1) return runs[0]!.name;
  const names = runs.map(({ name }) => name).join(', ');
  if (names.length <= 60) return names;
  return paths.length === 1 ? basename(resolve(paths[0]!)) : plural(runs.length, 'run');
}
