import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolder, removeQuietly } from './files.js';
import { standingOfTag, tagOf, thisProcess } from './process.js';

/** How long the folder of a process that cannot be seen from here, on another machine, is left alone. */
const FOREIGN_LIFETIME = 24 * 60 * 60 * 1e6;

/**
 * Makes a temporary folder beside `target`, on the same file system, whose name says which process owns it.
 *
 * @param target the folder that is going to be made, or stands for a kind of temporary folders
 * @throws LossnetError when it cannot be made
 */
export function createScratch(target: string): string {
  const folder = scratchName(target);
  makeFolder(folder, 0o700);
  return folder;
}

/** A name for a temporary folder beside `target`: until it is removed, `sweepScratches` tells whether it is still needed. */
export function scratchName(target: string): string {
  return `${target}.tmp-${Date.now() * 1000}-${tagOf(thisProcess())}-${randomUUID().slice(0, 8)}`;
}

/** Removes the temporary folders that killed processes have left beside `target`. */
export function sweepScratches(target: string): void {
  for (const folder of scratchesOf(target)) {
    const [, created = '', tag = ''] = OWNER.exec(folder) ?? [];
    const standing = standingOfTag(tag);
    const isOld = Date.now() * 1000 - Number(created) > FOREIGN_LIFETIME;
    // A folder may be shared, and what another user left is no reason to fail: the next start of that user removes it.
    if (standing === 'gone' || (standing === 'unseen' && isOld)) removeQuietly(folder);
  }
}

/** The microseconds at which it was made, and its process. */
const OWNER = /\.tmp-(\d+)-(\d+-\d+-[0-9a-f]+)-[^/]+$/;

function scratchesOf(target: string): string[] {
  try {
    return readdirSync(dirname(target))
      .filter((name) => name.startsWith(`${basename(target)}.tmp-`) && OWNER.test(name))
      .map((name) => join(dirname(target), name));
  } catch {
    return []; // No folder yet, or one that cannot be read: making a scratch folder says so.
  }
}
