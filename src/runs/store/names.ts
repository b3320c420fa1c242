import { resolve, sep } from 'node:path';
import type { RunRecord } from './read.js';

/**
 * Names for runs that are shown together: their own names; where two share one, their paths from the folder on that these
 * have in common.
 *
 * @param runs in any order
 * @returns the names in the same order, each once
 */
export function namesOf(runs: readonly RunRecord[]): string[] {
  const names = runs.map(({ name }) => name);
  const isShared = (name: string) => names.indexOf(name) !== names.lastIndexOf(name);
  const paths = runs.filter(({ name }) => isShared(name)).map(({ path }) => resolve(path).split(sep));
  const differs = (depth: number) => paths.some((parts) => parts[depth] !== paths[0]?.[depth]);
  const shortest = Math.min(...paths.map(({ length }) => length));
  if (paths.length === 0) return names;
  let common = 0;
  while (common < shortest - 1 && !differs(common)) common += 1;
  return runs.map(({ name, path }) =>
    isShared(name) ? resolve(path).split(sep).slice(common).join('/') : name,
  );
}
