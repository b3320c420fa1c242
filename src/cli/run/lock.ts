import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cannotWrite } from '../../train/files.js';
import { UsageError } from '../errors.js';

/**
 * Makes sure that one process at a time trains in a folder. A lock whose process is gone is taken over.
 *
 * @param folder the run's folder
 * @returns removes the lock
 * @throws UsageError when another process is at work there
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, '.lock');
  for (;;) {
    try {
      const handle = openSync(file, 'wx');
      writeSync(handle, `${process.pid}\n`);
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(file, error);
    }
    const owner = readOwner(file);
    if (owner !== null && isAlive(owner)) {
      throw new UsageError(
        'LOSSNET_RUN_BUSY',
        `Process ${owner} is training in ${folder}.`,
        'Wait for it or stop it; or start another run with --name.',
      );
    }
    rmSync(file, { force: true });
  }
}

function readOwner(file: string): number | null {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
