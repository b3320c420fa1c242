import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../base/errors.js';
import { type Held, type Holder, holderOf } from '../../base/holder.js';
import { type Lock, tryLock } from '../../base/lock.js';
import { cannotRead } from '../../base/system-errors.js';

/** How often a lock that is waited for is looked at. */
const POLL_MILLISECONDS = 100;

const lockOf = (folder: string) => join(folder, '.lock');

/**
 * Makes sure that one process at a time trains in a folder. The lock of a process that is gone is taken over.
 *
 * @param folder the run's folder
 * @returns the lock
 * @throws UsageError when another process is at work there; LossnetError when the lock cannot be read or written
 */
export function lockFolder(folder: string): Lock {
  const lock = tryLock(lockOf(folder));
  if ('release' in lock) return lock;
  throw busy(folder, lock);
}

/**
 * Waits until nobody trains in a folder: a process that was told to stop, or whose reader is gone, still saves.
 *
 * @param folder the run's folder; one that is not there is free
 * @param options how long to wait at most; stops waiting; told once, when there is something to wait for
 * @returns whether the folder is free
 */
export async function untilReleased(
  folder: string,
  {
    milliseconds,
    signal,
    onWait,
  }: {
    readonly milliseconds: number;
    readonly signal?: AbortSignal;
    readonly onWait?: (pid: number) => void;
  },
): Promise<boolean> {
  const file = lockOf(folder);
  const end = performance.now() + milliseconds;
  for (let held = holderOf(file); held !== null; held = holderOf(file)) {
    if (signal?.aborted || performance.now() > end) return false;
    if (held.holder !== null) onWait?.(held.holder.pid);
    onWait = undefined;
    await sleep(POLL_MILLISECONDS);
  }
  return true;
}

/** Whether another process is at work in a folder. @throws LossnetError when that cannot be told */
export function isHeld(folder: string): boolean {
  try {
    return holderOf(lockOf(folder)) !== null;
  } catch (error) {
    throw cannotRead(lockOf(folder), error);
  }
}

/** @throws UsageError when another process is at work in a folder */
export function refuseIfHeld(folder: string): void {
  const held = holderOf(lockOf(folder));
  if (held !== null) throw busy(folder, held);
}

function busy(folder: string, { file, holder, isSeen }: Held): UsageError {
  const who = holder === null ? 'A process' : `Process ${holder.pid}${isSeen ? '' : ` on ${holder.host}`}`;
  return new UsageError(
    'LOSSNET_RUN_BUSY',
    `${who} is training in ${folder}, as ${file} says.`,
    `Wait for it or stop it; or start another run with --name.${doubt(file, holder, isSeen)}`,
  );
}

/** What to do where it is not certain that anybody is at work. */
function doubt(file: string, holder: Holder | null, isSeen: boolean): string {
  if (holder === null) return `\nThe file does not say which. If there is none, remove ${file}.`;
  if (!isSeen) return `\nIt cannot be seen from here. If it is gone, remove ${file}.`;
  // Its number alone is known.
  return holder.start === null ? `\nIf that is another program by now, remove ${file}.` : '';
}
