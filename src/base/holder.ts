import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { type ProcessIdentity, type Standing, standingOf } from './process.js';
import { isAbsence } from './system-errors.js';

/** A holder that cannot be seen from here and has not touched its lock for so long holds nothing any more. */
const SILENCE_MILLISECONDS = 60_000;

/** Who holds a lock, as the lock says. */
export interface Holder extends ProcessIdentity {
  /** Different for each lock that is ever made; null in a lock that was written by hand. */
  readonly id: string | null;
  /** Whether it touches its lock every few seconds: lossnet did not always. */
  readonly beats: boolean;
}

/** A lock that another process holds. */
export interface Held {
  readonly file: string;
  /** null: the lock does not say. */
  readonly holder: Holder | null;
  /** Whether the holder is known to be alive. If not, it may be, where it cannot be seen from here. */
  readonly isSeen: boolean;
}

/** One file of a chain: see `tryLock`. */
export interface Link {
  readonly text: string;
  readonly holder: Holder | null;
  /** Names whatever may follow it. */
  readonly key: string;
  /** When its holder last gave a sign of life, by the clock of the file system. */
  readonly touched: number;
}

/** The ids of the locks that this process holds. */
export const ours = new Set<string>();

/**
 * @param file path of a lock
 * @returns who holds it, as far as can be told; null when it is free, or its holder gone
 */
export function holderOf(file: string): Held | null {
  const end = endOf(file);
  if (end === null || end.holder === null || standing(end.holder) === 'gone') return null;
  return { file, holder: end.holder, isSeen: standing(end.holder) === 'alive' };
}

/** The last of a chain; null when there is no lock. */
export function endOf(file: string): Link | null {
  let end = look(file);
  for (let next = end; next !== null; next = look(heirOf(file, next))) end = next;
  return end;
}

/** The name of what may follow in a chain. */
export const heirOf = (file: string, { key }: Link) => `${file}-after-${key}`;

/** What a lock says; null when there is none. */
export function look(file: string): Link | null {
  let handle: number | undefined;
  try {
    // A pipe of that name would be waited for until somebody writes.
    handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const { ino, mtimeMs } = fstatSync(handle);
    const text = readFileSync(handle, 'utf8');
    const holder = parse(text);
    // What has no id of its own is told by the file from what may follow it.
    const name = holder?.id == null ? `${ino} ${mtimeMs} ${text}` : text;
    const key = createHash('sha256').update(name).digest('hex').slice(0, 32);
    return { text, holder, key, touched: mtimeMs };
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Who holds a lock of any version of lossnet: the first ones wrote number, host and id alone. */
function parse(text: string): Holder | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const of = (value ?? {}) as Readonly<Record<string, unknown>>;
  const string = (key: string) => (typeof of[key] === 'string' ? (of[key] as string) : null);
  const { pid } = of;
  const host = string('host');
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0 || host === null) return null;
  return {
    pid: pid as number,
    start: string('start'),
    boot: string('boot'),
    namespace: string('namespace'),
    host,
    id: string('id'),
    beats: of.beats === true,
  };
}

/** Whether a lock has nobody any more who holds it; now: by the clock of the file system */
export function isDead({ holder, touched }: Link, now: number): boolean {
  // A clock that was put back makes what is past seem to come.
  const isSilent = Math.abs(now - touched) > SILENCE_MILLISECONDS;
  if (holder === null) return isSilent;
  const state = standing(holder);
  return state === 'gone' || (state === 'unseen' && holder.beats && isSilent);
}

/** In a container the number of a killed process is often ours now: a lock that we do not hold is then a dead one. */
export function standing(holder: Holder): Standing {
  const state = standingOf(holder);
  const isUs = state === 'alive' && holder.pid === process.pid;
  return isUs && !ours.has(holder.id ?? '') ? 'gone' : state;
}
