import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { remove } from '../../base/files.js';
import { scratchName, sweepScratches } from '../../base/scratch.js';
import { cannotRemove } from '../../base/system-errors.js';

const discardedIn = (folder: string) => join(folder, '.discarded');

/** Deletes what processes that are gone had begun to delete in a folder. */
export function sweepDiscarded(folder: string): void {
  sweepScratches(discardedIn(folder));
}

/**
 * Deletes a folder. It is renamed first, so that a kill in between never leaves half of it under its name; what killed processes
 * had renamed and not deleted yet, `sweepDiscarded` deletes.
 *
 * @param path the folder, which nobody else is at work in
 * @throws LossnetError when it cannot be removed
 */
export function discard(path: string): void {
  const discarded = scratchName(discardedIn(dirname(path)));
  try {
    renameSync(path, discarded);
  } catch (error) {
    throw cannotRemove(path, error);
  }
  remove(discarded);
}
