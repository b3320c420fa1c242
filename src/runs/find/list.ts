import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { kindOf } from '../../base/read.js';
import { missingRun } from '../store/read.js';
import { runFolders } from '../store/run-folders.js';
import { choose } from './conditions.js';
import { fieldsOf } from './fields.js';
import { overviewOf, type RunOverview } from './overview.js';

export interface ListOptions {
  /** Conditions that all must hold, such as `eval_accuracy>0.6`, `optimizer.type=adam`. Default: none. */
  readonly where?: readonly string[] | undefined;
  /** What the order goes by, with a dash in front for the largest first. Default: the names of the folders. */
  readonly sort?: string | undefined;
  /** How many at most. Default: all. */
  readonly limit?: number | undefined;
}

/**
 * Finds runs, those of comparisons too, and says how each stands. One that cannot be read is listed with the reason.
 *
 * @param folders of runs, or folders with runs in them; links in these are not followed
 * @param options which of them, and in which order
 * @returns the runs, each once
 * @throws UsageError for a folder that is not there, and for all that is wrong with the options
 */
export function listRuns(folders: readonly string[], options: ListOptions = {}): RunOverview[] {
  const { where = [], sort, limit } = options;
  const runs = findRuns(folders).map((path) => {
    const run = overviewOf(path);
    return { run, fields: fieldsOf(run) };
  });
  return choose(runs, where, sort).slice(0, limit);
}

/**
 * @param folders of runs, or folders with runs in them
 * @returns folders of runs, each once
 * @throws UsageError naming every folder that is not there
 */
export function findRuns(folders: readonly string[]): string[] {
  const missing = folders.filter((folder) => kindOf(folder) !== 'folder').map(missingRun);
  if (missing.length === 1) throw missing[0]!;
  if (missing.length > 1) {
    const lines = missing.map(({ message }) => message).join('\n');
    throw new UsageError('LOSSNET_RUN_MISSING', lines, missing[0]!.remedy);
  }
  const found = new Map<string, string>();
  for (const path of folders.flatMap((folder) => runFolders(folder))) {
    const place = placeOf(path);
    // A comparison names runs of other folders too.
    if (!found.has(place)) found.set(place, path);
  }
  return [...found.values()];
}

/** The same for all names of a folder. */
function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
