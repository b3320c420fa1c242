import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate } from './candidate.js';

/** What is wanted of a path. */
export type PathWish = 'config' | 'run' | 'folder' | 'any';

/** Where what is wanted mostly lies: offered before anything is typed. */
const USUAL: Readonly<Record<PathWish, string | null>> = {
  config: 'configs/',
  run: 'runs/',
  folder: null,
  any: null,
};
/** A folder of more tells nobody anything. */
const MOST = 2000;

/**
 * @param word as far as it is typed
 * @param wish what is wanted: the way there is offered too
 * @returns paths that begin so
 */
export function pathsFor(word: string, wish: PathWish): Candidate[] {
  const usual = USUAL[wish];
  const isBefore = usual !== null && word !== usual && usual.startsWith(word);
  return [...(isBefore ? within(usual, '', wish) : []), ...within(folderOf(word), nameOf(word), wish)];
}

const folderOf = (word: string) => word.slice(0, word.lastIndexOf('/') + 1);
const nameOf = (word: string) => word.slice(word.lastIndexOf('/') + 1);

/** @param folder with a slash behind; '' the working folder */
function within(folder: string, begin: string, wish: PathWish): Candidate[] {
  return entriesOf(folder).flatMap((name): Candidate[] => {
    if (!name.startsWith(begin) || (name.startsWith('.') && !begin.startsWith('.'))) return [];
    const value = `${folder}${name}`;
    if (isFolder(value)) {
      const isRun = wish === 'run' && existsSync(join(value, 'config.yaml'));
      return [{ value: isRun ? value : `${value}/` }];
    }
    const isWanted = wish === 'any' || (wish === 'config' && /\.ya?ml$/.test(name));
    return isWanted ? [{ value }] : [];
  });
}

/** Nobody waits for why a folder cannot be read; and what shells read line by line has no other lines in it. */
function entriesOf(folder: string): string[] {
  try {
    const names = readdirSync(folder === '' ? '.' : folder);
    return names
      .filter((name) => !/\p{Cc}/u.test(name))
      .sort(new Intl.Collator('en', { numeric: true }).compare)
      .slice(0, MOST);
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
