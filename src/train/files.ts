import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LossnetError } from './errors.js';

const TEMPORARY = '.tmp-';

/**
 * Writes a file whole or not at all: to a temporary name beside it, synced to the disk, then renamed. Whatever
 * happens in between, a previous version stays as it was.
 *
 * @param file path
 * @param content the file's bytes or text
 * @throws LossnetError when it cannot be written, for example because the disk is full
 */
export function writeFileAtomically(file: string, content: string | Buffer): void {
  const temporary = join(dirname(file), `${TEMPORARY}${process.pid}-${basename(file)}`);
  try {
    const handle = openSync(temporary, 'w');
    try {
      const bytes = Buffer.from(content);
      for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
    syncFolder(dirname(file));
  } catch (error) {
    discard(temporary);
    throw cannotWrite(file, error);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The error that led here is the one to report.
  }
}

/** Removes what a killed process left of its temporary files in `folder`. */
export function sweepTemporaryFiles(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(TEMPORARY)) rmSync(join(folder, name), { force: true });
  }
}

/** The error for a file that cannot be written, in words a user can act on. */
export function cannotWrite(file: string, cause: unknown): LossnetError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reasons: Record<string, [string, string]> = {
    ENOSPC: ['the disk is full', 'Free some space; what was saved before is intact.'],
    EDQUOT: ['the disk quota is used up', 'Free some space; what was saved before is intact.'],
    EACCES: ['permission denied', 'Choose a folder that you may write to.'],
    EPERM: ['permission denied', 'Choose a folder that you may write to.'],
    EROFS: ['the file system is read-only', 'Choose a folder on another one.'],
    EEXIST: ['a file of that name is in the way', 'Move it, or choose another path.'],
    ENOTDIR: ['a part of the path is a file, not a folder', 'Choose another path.'],
  };
  const [reason, remedy] = reasons[code ?? ''] ?? [message, 'Check the path.'];
  return new LossnetError('LOSSNET_WRITE_FAILED', `Cannot write ${file}: ${reason}.`, remedy, { cause });
}

/** A rename is on the disk only once its folder is. Some systems cannot open folders: there it is left to them. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
