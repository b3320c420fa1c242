import { LossnetError } from '../../train/errors.js';
import { UsageError } from '../errors.js';
import { type RunRecord, readRun } from '../store/read.js';
import { runFolders } from '../store/run-folders.js';

/**
 * Reads the runs that are named, each once. A folder that holds runs stands for all of them, in the order of their
 * names; that of a comparison for what was compared, in its order.
 *
 * @param paths folders of runs, or folders with runs in them
 * @returns the runs, at least one
 * @throws UsageError that names every folder without a run, and every run that cannot be read
 */
export function findRuns(paths: readonly string[]): RunRecord[] {
  const problems: LossnetError[] = [];
  const runs: RunRecord[] = [];
  for (const path of new Set(paths.flatMap(foldersIn))) {
    try {
      runs.push(readRun(path));
    } catch (error) {
      if (!(error instanceof LossnetError)) throw error;
      problems.push(error);
    }
  }
  if (problems.length === 0) return runs;
  const [first] = problems as [LossnetError];
  if (problems.length === 1) throw first;
  const lines = problems.map(({ message }) => message.replace(/^/gm, '  '));
  throw new UsageError(first.code, `These cannot be read:\n${lines.join('\n')}`, first.remedy);
}

/** One without runs stands for itself: reading it says what is wrong. */
function foldersIn(path: string): string[] {
  const folders = runFolders(path);
  return folders.length === 0 ? [path] : folders;
}
