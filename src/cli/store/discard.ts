import { readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isProcessGone } from './lock.js';

const DISCARDED = /^\.discarded-(\d+)-\d+$/;

/**
 * Deletes a folder. It is renamed first, so that a kill in between never leaves half of it under its name.
 *
 * @param path the folder, which nobody else is at work in
 */
export function discard(path: string): void {
  const parent = dirname(path);
  sweepDiscarded(parent);
  const discarded = join(parent, `.discarded-${process.pid}-${Date.now()}`);
  renameSync(path, discarded);
  rmSync(discarded, { recursive: true, force: true });
}

/** Deletes what killed processes had renamed and not deleted yet. */
function sweepDiscarded(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = DISCARDED.exec(name)?.[1];
    if (pid !== undefined && isProcessGone(Number(pid))) {
      rmSync(join(parent, name), { recursive: true, force: true });
    }
  }
}
