import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cannotWrite } from '../../train/files.js';
import { UsageError } from '../errors.js';

/** How often a lock that is waited for is looked at. */
const POLL_MILLISECONDS = 100;

/** Long enough for another process that takes over the same dead lock to be done with it. */
const SETTLE_MILLISECONDS = 100;

/**
 * Makes sure that one process at a time trains in a folder. The lock of a process that is gone is taken over.
 *
 * @param folder the run's folder
 * @returns removes the lock
 * @throws UsageError when another process is at work there
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const file = join(folder, '.lock');
  const own = `${JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() })}\n`;
  // Written beside it first, so that nobody ever sees a lock without its holder.
  const draft = `${file}-${randomUUID()}`;
  try {
    writeFileSync(draft, own);
    if (!create(draft, file)) {
      refuseIfHeld(folder);
      renameSync(draft, file);
      // Of several that took the dead lock over, the last one's name stays.
      await sleep(SETTLE_MILLISECONDS);
      if (contentOf(file) !== own) refuseIfHeld(folder);
    }
  } catch (error) {
    throw error instanceof UsageError ? error : cannotWrite(file, error);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (contentOf(file) === own) rmSync(file, { force: true });
  };
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
  const file = join(folder, '.lock');
  const end = performance.now() + milliseconds;
  for (let holder = holderOf(file); holder !== null && !isGone(holder); holder = holderOf(file)) {
    if (signal?.aborted || performance.now() > end) return false;
    onWait?.(holder.pid);
    onWait = undefined;
    await sleep(POLL_MILLISECONDS);
  }
  return true;
}

function create(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** @throws UsageError when another process is at work in a folder */
export function refuseIfHeld(folder: string): void {
  const file = join(folder, '.lock');
  const holder = holderOf(file);
  if (holder === null || isGone(holder)) return;
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  throw new UsageError(
    'LOSSNET_RUN_BUSY',
    `Process ${holder.pid}${where} is training in ${folder}.`,
    `Wait for it or stop it; or start another run with --name.${where && ` If it is gone, remove ${file}.`}`,
  );
}

function holderOf(file: string): { pid: number; host: string } | null {
  try {
    return JSON.parse(contentOf(file)) as { pid: number; host: string };
  } catch {
    return null;
  }
}

/** In a container the number of a killed process is often ours now: a lock that we do not hold is then a dead one. */
function isGone({ pid, host }: { pid: number; host: string }): boolean {
  return host === hostname() && (pid === process.pid || isProcessGone(pid));
}

export function isProcessGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
