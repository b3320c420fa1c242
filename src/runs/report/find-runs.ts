import type { Io } from '../../cli/io.js';
import { type RunRecord, readRun } from '../store/read.js';
import { readAll } from '../store/read-all.js';
import { runFolders } from '../store/run-folders.js';

/**
 * Reads the runs that are named, each once. A folder that holds runs stands for all of them, in the order of their
 * names; that of a comparison for what was compared, in its order.
 *
 * @param paths folders of runs, or folders with runs in them
 * @param io where to say what cannot be read, and is left out
 * @returns the runs, at least one, and how many are left out
 * @throws UsageError that names every folder without a run; LossnetError when no run can be read
 */
export function findRuns(
  paths: readonly string[],
  io: Io,
): { readonly results: RunRecord[]; readonly leftOut: number } {
  return readAll([...new Set(paths.flatMap(foldersIn))], readRun, 1, io);
}

/** One without runs stands for itself: reading it says what is wrong. */
function foldersIn(path: string): string[] {
  const folders = runFolders(path);
  return folders.length === 0 ? [path] : folders;
}
