import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeQuietly, writeAll } from './files.js';
import { endOf, type Held, type Holder, heirOf, holderOf, isDead, look, ours, standing } from './holder.js';
import { thisProcess } from './process.js';
import { cannotRead, cannotWrite, isAbsence, systemCode } from './system-errors.js';

const HEARTBEAT_MILLISECONDS = 5_000;
const POLL_MILLISECONDS = 200;
/** Each time that a lock cannot be added, somebody else has got on. So often it is something else that is in the way. */
const MOST_TRIES = 100;

/** A lock that is ours. */
export interface Lock {
  /**
   * Whether it still is: its file may have been removed, or replaced, with the folder that it lies in.
   *
   * @throws LossnetError when that cannot be told
   */
  isHeld(): boolean;
  /** Gives it back, as the end of the process does. */
  release(): void;
}

/**
 * Takes a lock, unless a living process holds it. The lock of one that is gone is taken over, by one only, however long any of
 * those who try stalls at any point:
 *
 * - a lock is a file that appears whole, with its holder in it, where there was none (a hard link to a draft);
 * - a dead lock stays where it is. Who takes it over adds a file whose name is made of the dead lock's id, likewise: of all who
 *   ever try, one succeeds, and nobody after it. What it adds may be taken over in the same way. Who stands at the end of such
 *   a chain, seen from its beginning after it had added its part, holds the lock;
 * - the holder alone then takes the beginning's place, and only after that removes the rest: who comes late, adds a part and
 *   looks again from the beginning, is not in the chain any more.
 *
 * Where the file system knows no hard links, the file appears empty and is filled at once.
 *
 * @param file path of the lock; its folder must be there
 * @returns the lock, or who holds it
 * @throws LossnetError when the lock cannot be read or written
 */
export function tryLock(file: string): Lock | Held {
  const own: Holder = { ...thisProcess(), id: randomUUID(), beats: true };
  const text = `${JSON.stringify(own)}\n`;
  const draft = `${file}-${own.id}`;
  ours.add(own.id!);
  let lock: Lock | undefined;
  try {
    for (let tries = 1; ; tries += 1) {
      // Each time anew: who holds the lock meanwhile sweeps drafts away.
      const now = writeDraft(draft, text);
      const end = endOf(file);
      if (end?.text === text) break;
      if (end !== null && !isDead(end, now)) {
        const isSeen = end.holder !== null && standing(end.holder) === 'alive';
        return { file, holder: end.holder, isSeen };
      }
      const refusal = add(draft, end === null ? file : heirOf(file, end), text);
      if (refusal !== null && tries >= MOST_TRIES) throw refusal;
    }
    if (look(file)?.text !== text) renameSync(draft, file);
    sweep(file);
    lock = hold(file, own.id!, text);
    return lock;
  } catch (error) {
    // While this process lives, others would take it for the holder.
    if (textOf(file) === text) removeQuietly(file);
    throw cannotWrite(file, error);
  } finally {
    removeQuietly(draft);
    if (lock === undefined) ours.delete(own.id!);
  }
}

/**
 * Runs some work while no other process, here or on another machine that shares the folder, does the same.
 *
 * @param file the lock; its folder must be there
 * @param work what to do
 * @param options `onWait` is called again and again while another process holds the lock, `signal` ends the wait
 * @returns what `work` returns
 * @throws what `work` throws; LossnetError when the lock cannot be read or written
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  {
    onWait,
    signal,
  }: {
    readonly onWait?: (held: Held) => Promise<void> | void;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const held = holderOf(file);
    const lock = held?.isSeen ? held : tryLock(file);
    if ('release' in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    await onWait?.(lock);
    await sleep(POLL_MILLISECONDS, undefined, signal && { signal });
  }
}

/** @returns what time it is by the clock of the file system */
function writeDraft(draft: string, text: string): number {
  // It may be a part of the chain by now, under another name: that is not to be written to.
  removeQuietly(draft);
  const handle = openSync(draft, 'wx');
  try {
    writeAll(handle, Buffer.from(text));
    return fstatSync(handle).mtimeMs;
  } finally {
    closeSync(handle);
  }
}

/**
 * Makes `file` of the draft, unless there is one.
 *
 * @returns why it could not; null when it is made
 */
function add(draft: string, file: string, text: string): unknown {
  try {
    linkSync(draft, file);
    return null;
  } catch (error) {
    // ENOENT: the draft was swept away.
    if (['EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) return error;
  }
  // Many file systems know no hard links, and each says so in its own way. If it was something else, this says so.
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return null;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return error;
    // On a full disk the file is there by now, empty.
    removeQuietly(file);
    throw error;
  }
}

/** Removes the rest of the chain, and what killed processes left. */
function sweep(file: string): void {
  try {
    const prefix = `${basename(file)}-`;
    const left = readdirSync(dirname(file)).filter((name) => name.startsWith(prefix));
    for (const name of left) removeQuietly(join(dirname(file), name));
  } catch {
    // The next one sweeps.
  }
}

function hold(file: string, id: string, text: string): Lock {
  // While it is open no other file gets its number.
  const handle = openSync(file, 'r+');
  const { ino, dev } = fstatSync(handle);
  const isHeld = (): boolean => {
    try {
      const found = statSync(file);
      // Some network file systems give a file another number each time.
      return (found.ino === ino && found.dev === dev) || textOf(file) === text;
    } catch (error) {
      if (isAbsence(error)) return false;
      throw cannotRead(file, error);
    }
  };
  const heartbeat = setInterval(() => {
    try {
      writeSync(handle, text, 0);
    } catch {
      // The next one may succeed.
    }
  }, HEARTBEAT_MILLISECONDS);
  heartbeat.unref();
  const release = (): void => {
    if (!ours.delete(id)) return;
    process.off('exit', release);
    clearInterval(heartbeat);
    try {
      // Closed first: some systems remove no file that is open. While it is, its number says whether it is ours.
      const isThere = isHeld();
      close(handle);
      if (isThere) removeQuietly(file);
    } catch {
      // It cannot be told: it stays, as the lock of a process that is gone.
    }
  };
  process.on('exit', release);
  return { isHeld, release };
}

/** Nothing was written to it that would have to reach the disk. */
function close(handle: number): void {
  try {
    closeSync(handle);
  } catch {
    // It is closed all the same.
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
