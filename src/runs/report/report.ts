import { basename, join, resolve } from 'node:path';
import { plural } from '../../base/format.js';
import { tuningOf } from '../compare/tune/record.js';
import { readComparison } from '../store/comparison.js';
import { type RunRecord, readRun } from '../store/read.js';
import { readAll } from '../store/read-all.js';
import { runFolders } from '../store/run-folders.js';
import type { Surroundings } from '../surroundings.js';
import { type ReportFiles, writeReport } from './write.js';

export interface ReportOptions extends Surroundings {
  /** Path of the HTML file; its chart is put beside it. Default: `report.html` in the one folder that is named, or here. */
  readonly output?: string | undefined;
  /** Its title. Default: the names of the runs. */
  readonly title?: string | undefined;
  /** Load the models to show what they get wrong: confusion matrix and images. Default: true. */
  readonly predictions?: boolean | undefined;
  /** Replace files that are there. Default: refuse. */
  readonly force?: boolean | undefined;
}

/** What was written, and of what. */
export interface Report extends ReportFiles {
  /** How many runs it is on. */
  readonly runs: number;
  /** How many could not be read. */
  readonly leftOut: number;
}

/**
 * Writes a report on runs; on those of a comparison with its verdict.
 *
 * @param paths folders of runs, or folders with runs in them: all of these, in the order of their names; those of a comparison
 * in its order. Each run counts once
 * @param options where to, and what
 * @returns how many runs it is on, how many could not be read, and the files
 * @throws UsageError that names every folder without a run, or a file that is there already; LossnetError when no run can be
 * read, or a file not be written
 */
export async function report(paths: readonly string[], options: ReportOptions = {}): Promise<Report> {
  const folders = [...new Set(paths.flatMap(foldersIn))];
  const { results: runs, leftOut } = readAll(folders, readRun, 1, options);
  const [only = ''] = paths;
  const isOne = paths.length === 1;
  const comparison = isOne ? readComparison(only) : null;
  const files = await writeReport(
    runs,
    {
      output: options.output ?? (isOne ? join(only, 'report.html') : 'report.html'),
      title: options.title ?? titleOf(paths, runs),
      force: options.force ?? false,
      predictions: options.predictions ?? true,
      lead: comparison?.verdict ?? [],
      tuning: tuningOf(comparison?.results),
    },
    options,
  );
  return { ...files, runs: runs.length, leftOut };
}

/** One without runs stands for itself: reading it says what is wrong. */
function foldersIn(path: string): string[] {
  const folders = runFolders(path);
  return folders.length === 0 ? [path] : folders;
}

function titleOf(paths: readonly string[], runs: readonly RunRecord[]): string {
  if (runs.length === 1) return runs[0]!.name;
  const names = runs.map(({ name }) => name).join(', ');
  if (names.length <= 60) return names;
  return paths.length === 1 ? basename(resolve(paths[0]!)) : plural(runs.length, 'run');
}
