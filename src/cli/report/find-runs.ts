import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LossnetError } from '../../train/errors.js';
import { UsageError } from '../errors.js';
import { readComparison } from '../store/comparison.js';
import { RunFolder } from '../store/folder.js';
import { type RunRecord, readRun } from '../store/read.js';

/** How deep folders of runs may lie in each other: runs/<comparison>/<variant>/<seed>. */
const DEEPEST = 3;

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
  for (const path of new Set(paths.flatMap((named) => runsIn(named, DEEPEST) ?? [named]))) {
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

/** The run itself, or the runs below; null: there is none. */
function runsIn(path: string, depth: number): string[] | null {
  if (existsSync(new RunFolder(path).config)) return [path];
  if (depth === 0 || !existsSync(path) || !statSync(path).isDirectory()) return null;
  const compared = readComparison(path)?.runs.filter((run) => existsSync(new RunFolder(run).config));
  if (compared !== undefined && compared.length > 0) return compared;
  const below = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .flatMap((name) => runsIn(join(path, name), depth - 1) ?? []);
  return below.length === 0 ? null : below;
}
