import { join } from 'node:path';
import { LossnetError } from '../../base/errors.js';
import { exists, foldersIn, kindOf } from '../../base/read.js';
import { readComparison } from './comparison.js';
import { isExported, RunFolder } from './folder.js';

/** How deep folders of runs may lie in each other: runs/<comparison>/<variant>/<seed>. */
const DEEPEST = 3;

/**
 * The run itself, or the runs in a folder: those of a comparison in its order, else in that of their names.
 *
 * @param path a folder
 * @returns folders of runs, none when there is no run; one that cannot be looked into is taken for a run: reading it says why
 */
export function runFolders(path: string, depth = DEEPEST): string[] {
  try {
    if (exists(new RunFolder(path).config)) return [path];
    if (depth === 0 || kindOf(path) !== 'folder') return [];
    const compared = readComparison(path)?.runs.filter(isThere) ?? [];
    if (compared.length > 0) return compared;
    return foldersIn(path)
      .filter((name) => !name.startsWith('.') && !isExported(join(path, name)))
      .sort(new Intl.Collator('en', { numeric: true }).compare)
      .flatMap((name) => runFolders(join(path, name), depth - 1));
  } catch (error) {
    if (error instanceof LossnetError) return [path];
    throw error;
  }
}

function isThere(path: string): boolean {
  try {
    return exists(new RunFolder(path).config);
  } catch (error) {
    if (error instanceof LossnetError) return true;
    throw error;
  }
}
