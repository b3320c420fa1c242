import { createHash } from 'node:crypto';
import { dirname, join, relative, resolve } from 'node:path';
import { LossnetError, UsageError } from '../../base/errors.js';
import { VERSION } from '../../base/package.js';
import { exists } from '../../base/read.js';
import { fromSystem } from '../../base/system-errors.js';
import { namesOf } from '../store/names.js';
import { missingRun } from '../store/read.js';
import { readAll } from '../store/read-all.js';
import type { Surroundings } from '../surroundings.js';
import type { CompareEvent } from './events.js';
import { type Asked, ComparisonFolder } from './folder.js';
import { folderName } from './folder-name.js';
import { type Compared, type CompareOptions, criteriaOf } from './options.js';
import { comparisonOf } from './ranking/comparison.js';
import { resultsRecord } from './ranking/record.js';
import { type RunResult, readResult, type VariantResult } from './ranking/results.js';

/**
 * Compares runs that were trained before, and writes a report on them into a folder of its own beside them.
 *
 * @param runs their folders
 * @param options by what they are compared, and what the comparison is called
 * @returns what came of it
 * @throws UsageError when there are less than two, an option is for training, or the folder that `name` says holds something
 * else
 */
export async function compareFinished(runs: readonly string[], options: CompareOptions): Promise<Compared> {
  const { name, force = false, onEvent = () => {} } = options;
  checkRequest(runs, options);
  const { results, leftOut } = finishedResults(runs, options);
  const names = results.map((result) => result.name);
  const paths = results.flatMap((result) => result.runs.map(({ path }) => path));
  const criteria = criteriaOf(
    options,
    names,
    results.flatMap((result) => result.runs.flatMap(({ metrics }) => metrics)),
    results.some(({ runs }) => runs.some(({ figures }) => figures.test_loss != null)),
  );
  const comparison = comparisonOf(results, { ...criteria, title: names.join(', '), shared: false });
  const sha256 = createHash('sha256')
    .update(JSON.stringify(paths.map((path) => resolve(path))))
    .digest('hex');
  const folder = new ComparisonFolder(join(folderBeside(paths[0]!), folderName(names, sha256, name)));
  const record: Asked = {
    ...{ type: 'comparison', lossnet: VERSION, sha256, threads: null },
    runs: paths.map((path) => relative(folder.path, path)),
    results: resultsRecord(comparison),
  };
  try {
    const problem = await claim(folder, sha256, force);
    const kept = problem === null ? folder.path : null;
    onEvent({ type: 'compared', comparison, tuning: null, winner: null, record, folder: kept });
    if (problem !== null) onEvent({ type: 'no_report', reason: problem });
    else {
      folder.write(record);
      const { env, onProgress } = options;
      await reportOn(folder, { env, onProgress }, onEvent);
    }
    return { comparison, tuning: null, winner: null, folder: kept, leftOut, failed: 0 };
  } finally {
    folder.release();
  }
}

function checkRequest(runs: readonly string[], options: CompareOptions): void {
  const idle = (['config', 'seeds', 'jobs'] as const).find((option) => options[option] !== undefined);
  if (idle) {
    throw new UsageError('LOSSNET_USAGE', `--${idle} is for training, and runs are compared as they are.`);
  }
  if (runs.length < 2) {
    throw new UsageError(
      'LOSSNET_USAGE',
      'A comparison needs at least two runs.',
      'Name the folder of another.',
    );
  }
}

async function reportOn(
  { path }: ComparisonFolder,
  surroundings: Surroundings,
  onEvent: (event: CompareEvent) => void,
): Promise<void> {
  try {
    // Loaded here, since it brings charts and pictures along.
    const { report } = await import('../report/report.js');
    const { html } = await report([path], { ...surroundings, force: true });
    onEvent({ type: 'report', html });
  } catch (thrown) {
    const error = fromSystem(thrown);
    if (!(error instanceof LossnetError)) throw error;
    onEvent({ type: 'no_report', reason: error.message });
  }
}

/**
 * @param paths folders of runs
 * @param surroundings told which cannot be read, and are left out
 * @returns a variant for each of the others, at least two
 */
function finishedResults(
  paths: readonly string[],
  surroundings: Surroundings,
): { readonly results: VariantResult[]; readonly leftOut: number } {
  const trimmed = paths.map((path) => path.replace(/(?<=.)[/\\]+$/, ''));
  const { results: runs, leftOut } = readAll(trimmed, readFinished, 2, surroundings);
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
