import { readdirSync, statSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { removeQuietly } from '../../../base/files.js';

const DAY = 24 * 60 * 60 * 1000;
/** Another version of lossnet may have its own: one that was not loaded for so long is taken for left over. */
const UNUSED = 60 * DAY;

/**
 * Notes that an addon is used, once a day.
 *
 * @param file the addon
 */
export function noteUse(file: string): void {
  try {
    if (Date.now() - lastUse(file) > DAY) utimesSync(file, new Date(), new Date());
  } catch {
    // In a cache that may only be read, nothing is removed either.
  }
}

/**
 * Removes what was made in the place of an addon for other versions and is not used any more.
 *
 * @param folder of the addon: its name and a digest
 * @param file the addon's name in it
 */
export function sweepOldAddons(folder: string, file: string): void {
  const name = basename(folder);
  const isLike = new RegExp(`^${name.slice(0, name.lastIndexOf('-'))}-[\\da-f]{16}$`);
  for (const other of namesBeside(folder)) {
    if (other === name || !isLike.test(other)) continue;
    const old = join(dirname(folder), other);
    try {
      if (Date.now() - lastUse(join(old, file)) > UNUSED) removeQuietly(old);
    } catch {
      // It is being made, or has gone, or what lies there is something else.
    }
  }
}

function namesBeside(folder: string): string[] {
  try {
    return readdirSync(dirname(folder));
  } catch {
    return []; // A folder may be used without being listed.
  }
}

/** When it was made or read last, as far as the file system notes that. */
function lastUse(file: string): number {
  const { atimeMs, mtimeMs } = statSync(file);
  return Math.max(atimeMs, mtimeMs);
}
