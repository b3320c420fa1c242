import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readComparison } from './comparison.js';
import { RunFolder } from './folder.js';

/** How deep folders of runs may lie in each other: runs/<comparison>/<variant>/<seed>. */
const DEEPEST = 3;

/**
 * The run itself, or the runs in a folder: those of a comparison in its order, else in that of their names.
 *
 * @param path a folder
 * @returns folders of runs, none when there is no run
 */
export function runFolders(path: string, depth = DEEPEST): string[] {
  if (existsSync(new RunFolder(path).config)) return [path];
  if (depth === 0 || !existsSync(path) || !statSync(path).isDirectory()) return [];
  const compared = readComparison(path)?.runs.filter((run) => existsSync(new RunFolder(run).config)) ?? [];
  if (compared.length > 0) return compared;
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .flatMap((name) => runFolders(join(path, name), depth - 1));
}
