import { mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { cacheFolder } from '../../base/cache-folder.js';
import { LossnetError } from '../../base/errors.js';
import { formatBytes } from '../../base/format.js';
import { kindOf } from '../../base/read.js';
import { cannotWrite } from '../../base/system-errors.js';
import { type Check, note, ok, problem } from './check.js';

/** Checkpoints of a large model, a few times. */
const LITTLE_ROOM = 1e9;

/** Folders that are written to, and what cannot be done without. */
export function checkFolders(): Check[] {
  return [
    folder('runs', resolve('runs'), problem, 'Train in a folder that you may write to, or set runs_dir.'),
    // Where the library is there, only pictures and graphs are kept in it.
    folder('cache', cacheFolder(), note, 'Set LOSSNET_CACHE to a folder that you may write to.'),
    folder('temporary files', tmpdir(), problem, 'Set TMPDIR to a folder that you may write to.'),
  ];
}

function folder(what: string, path: string, unwritable: typeof note, remedy: string): Check {
  const name = `folder for ${what}`;
  try {
    const there = nearestFolder(path);
    tryToWrite(there, path);
    const { bavail, bsize } = statfsSync(there);
    const room = bavail * bsize;
    const text = `${path}${there === path ? '' : ' (not there yet)'}, writable, ${formatBytes(room)} free`;
    return room < LITTLE_ROOM ? note(name, text, 'Free some space.') : ok(name, text);
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    return unwritable(name, error.message, ...(error.remedy === undefined ? [] : [error.remedy]), remedy);
  }
}

/** The folder itself, or the one above it in which it would be made. */
function nearestFolder(path: string): string {
  const kind = kindOf(path);
  if (kind === 'folder' || dirname(path) === path) return path;
  if (kind === null) return nearestFolder(dirname(path));
  throw new LossnetError('LOSSNET_WRITE_FAILED', `Cannot write ${path}: it is a file, not a folder.`);
}

/** Permissions do not tell: a file system may be read-only, full or gone. */
function tryToWrite(there: string, path: string): void {
  try {
    rmdirSync(mkdtempSync(join(there, '.lossnet-doctor-')));
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
