import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { remove } from '../../base/files.js';
import { scratchName, sweepScratches } from '../../base/scratch.js';
import { cannotRemove } from '../../base/system-errors.js';

/**
 * Deletes a folder. It is renamed first, so that a kill in between never leaves half of it under its name; what killed processes
 * had renamed and not deleted yet goes as well.
 *
 * @param path the folder, which nobody else is at work in
 * @throws LossnetError when it cannot be removed
 */
export function discard(path: string): void {
  const kind = join(dirname(path), '.discarded');
  sweepScratches(kind);
  const discarded = scratchName(kind);
  try {
    renameSync(path, discarded);
  } catch (error) {
    throw cannotRemove(path, error);
  }
  remove(discarded);
}
