import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from './system-errors.js';

const POLL_MILLISECONDS = 200;
const HEARTBEAT_MILLISECONDS = 5_000;
/** A lock whose heartbeat was not seen in so many looks (a minute) belongs to nobody any more. */
const LOOKS_WITHOUT_HEARTBEAT = 300;

/**
 * Runs some work while no other process, here or on another machine that shares the folder, does the same.
 *
 * The lock is a file that says who holds it, touched every few seconds. A holder that was killed is noticed at
 * once on the same machine and after a minute from another one, and its lock taken over.
 *
 * @param file the lock file; its folder must exist
 * @param work what to do
 * @param options `onWait` is called again and again while another process holds the lock, `signal` ends the wait
 * @returns what `work` returns
 * @throws what `work` throws; the system's error when the lock file cannot be written
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  options: { readonly onWait?: () => Promise<void>; readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const own = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  await acquire(file, own, options);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, HEARTBEAT_MILLISECONDS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await contentOf(file)) === own) await rm(file, { force: true });
  }
}

async function acquire(
  file: string,
  own: string,
  { onWait, signal }: { readonly onWait?: () => Promise<void>; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  let heartbeat = -1;
  let looks = 0;
  for (;;) {
    signal?.throwIfAborted();
    if (await create(file, own)) return;
    const seen = await heartbeatOf(file);
    looks = seen === heartbeat ? looks + 1 : 0;
    heartbeat = seen;
    const holder = await contentOf(file);
    if ((isDead(holder) || looks > LOOKS_WITHOUT_HEARTBEAT) && (await takeOver(file, own))) return;
    await onWait?.();
    await sleep(POLL_MILLISECONDS, undefined, signal && { signal });
  }
}

/** @returns whether the lock was free and is ours now */
async function create(file: string, own: string): Promise<boolean> {
  try {
    await writeFile(file, own, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    // On a full disk the file exists by now, empty.
    if (systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT') await rm(file, { force: true });
    throw error;
  }
}

/** Replaces a dead lock. Of several processes that try, the last to replace it finds its own name in it. */
async function takeOver(file: string, own: string): Promise<boolean> {
  const replacement = `${file}.${randomUUID()}`;
  try {
    await writeFile(replacement, own, { flag: 'wx' });
    await rename(replacement, file);
  } finally {
    await rm(replacement, { force: true });
  }
  await sleep(POLL_MILLISECONDS);
  return (await contentOf(file)) === own;
}

/** Whether the holder ran on this machine and runs no more. */
function isDead(holder: string): boolean {
  try {
    const { pid, host } = JSON.parse(holder) as { pid: number; host: string };
    if (host !== hostname()) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}

/** The lock's text; empty when it is gone, or not written yet. */
async function contentOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '');
}

async function heartbeatOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.mtimeMs ?? -1;
}
