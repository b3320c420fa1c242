import { createHash } from 'node:crypto';
import { dirname, join, relative, resolve } from 'node:path';
import { LossnetError, UsageError } from '../../base/errors.js';
import { exists } from '../../base/read.js';
import { fromSystem } from '../../base/system-errors.js';
import { VERSION } from '../../base/version.js';
import {
  assess,
  conclude,
  exitCodeOf,
  type Showing,
  tellNoReport,
  tellReport,
} from '../../cli/compare/conclude.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import type { Io } from '../../cli/io.js';
import { missingRun } from '../store/missing-run.js';
import { namesOf } from '../store/names.js';
import { readAll } from '../store/read-all.js';
import { type Asked, ComparisonFolder, folderName } from './folder.js';
import { resultsRecord } from './judge/record.js';
import { type RunResult, readResult, type VariantResult } from './judge/results.js';

export interface FinishedRequest {
  /** Folders of runs. */
  readonly paths: readonly string[];
  readonly results: readonly VariantResult[];
  readonly name: string | undefined;
  readonly force: boolean;
  readonly showing: Showing;
}

/**
 * Compares runs that were trained before, and writes a report on them into a folder of its own beside them.
 *
 * @param request the runs, and how to show what comes of them
 * @param io where to show it
 * @returns the exit code
 * @throws UsageError when the folder that `--name` says holds something else
 */
export async function compareFinished(request: FinishedRequest, io: Io): Promise<ExitCode> {
  const { paths, results, name, force, showing } = request;
  const names = results.map((variant) => variant.name);
  const comparison = assess(results, { title: names.join(', '), shared: false, showing });
  const sha256 = createHash('sha256')
    .update(JSON.stringify(paths.map((path) => resolve(path))))
    .digest('hex');
  const folder = new ComparisonFolder(join(folderBeside(paths[0]!), folderName(names, sha256, name)));
  const asked: Asked = {
    ...{ type: 'comparison', lossnet: VERSION, sha256, threads: null },
    runs: paths.map((path) => relative(folder.path, path)),
    results: resultsRecord(comparison),
  };
  try {
    const problem = await claim(folder, sha256, force);
    conclude(comparison, { ...asked, folder: problem === null ? folder.path : null }, showing, io);
    if (problem === null) {
      folder.write(asked);
      await report(folder, showing.output === 'people', io);
    } else tellNoReport(problem, io);
    return exitCodeOf(comparison);
  } finally {
    folder.release();
  }
}

async function report(folder: ComparisonFolder, isShown: boolean, io: Io): Promise<void> {
  try {
    // Loaded here, since it brings charts and pictures along.
    const { reportOn } = await import('../report/from-paths.js');
    const { html } = await reportOn([folder.path], { force: true }, io);
    if (isShown) tellReport(html, io);
  } catch (thrown) {
    const error = fromSystem(thrown);
    if (!(error instanceof LossnetError)) throw error;
    tellNoReport(error.message, io);
  }
}

/**
 * @param paths folders of runs
 * @param io where to say which cannot be read, and are left out
 * @returns a variant for each of the others, at least two
 */
export function finishedResults(
  paths: readonly string[],
  io: Io,
): { readonly results: VariantResult[]; readonly leftOut: number } {
  const trimmed = paths.map((path) => path.replace(/(?<=.)[/\\]+$/, ''));
  const { results: runs, leftOut } = readAll(trimmed, readFinished, 2, io);
  const names = namesOf(runs.map(({ record }) => record!));
  const results = runs.map((run, i) => ({
    name: names[i]!,
    summary: null,
    runs: [{ ...run, name: names[i]! }],
  }));
  return { results, leftOut };
}

function readFinished(path: string): RunResult {
  const result = readResult(path, path);
  if (result.record === null) throw missingRun(path);
  return result;
}

/** Runs may lie where nothing can be written, and be compared all the same: then this is why nothing is kept. */
async function claim(folder: ComparisonFolder, sha256: string, force: boolean): Promise<string | null> {
  try {
    await folder.claim(sha256, force);
    return null;
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof LossnetError)) throw error;
    return error.message;
  }
}

/** The folder that a run lies in; where that is another comparison, the one around it. */
function folderBeside(path: string): string {
  let folder = dirname(resolve(path));
  while (exists(join(folder, 'compare.json'))) folder = dirname(folder);
  return relative('', folder) || '.';
}
