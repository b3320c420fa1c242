import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../base/cache-folder.js';
import { LossnetError } from '../../base/errors.js';
import { formatBytes } from '../../base/format.js';
import { wheelLibraryFolder } from '../../train/backend/native/locations.js';
import { nativeOrigin } from '../../train/backend/native/provision.js';
import { type Check, note } from './check.js';

/** A folder with a library; others are being made, or are told of by their locks. */
const LIBRARY = /^tfjs-node-[\d.]+-tf[\d.]+-[a-z\d]+-[a-z\d]+$/;

/**
 * Finds native libraries in the cache that this lossnet does not load: those of other versions, and its own where the companion
 * package is installed. None is removed unasked: another lossnet may load it.
 */
export function checkLeftovers(): Check[] {
  const own = isCacheUsed() ? wheelLibraryFolder() : null;
  return entriesOf(cacheFolder())
    .filter((name) => LIBRARY.test(name))
    .map((name) => join(cacheFolder(), name))
    .filter((folder) => folder !== own)
    .map((folder) =>
      note(
        'old TensorFlow',
        `${formatBytes(bytesIn(folder))} in ${folder}, which this lossnet does not load`,
        'Remove it, unless another lossnet loads it.',
      ),
    );
}

/** A library that is named takes the place of the one in the cache for the moment alone. */
function isCacheUsed(): boolean {
  try {
    return nativeOrigin().from !== 'package';
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    return true; // Which one is used has to be put right first.
  }
}

function bytesIn(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.size ?? 0;
  return entriesOf(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

/** None where the folder is not there, or not to be read: its own check tells of that. */
function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
