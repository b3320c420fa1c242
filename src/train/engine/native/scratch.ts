import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { cacheUnwritable, diskFull, saysDiskFull } from './failures.js';

/** How long the folder of a process that cannot be seen from here, on another machine, is left alone. */
const FOREIGN_LIFETIME = 24 * 60 * 60 * 1e6;

/**
 * Makes a temporary folder beside `target`, on the same file system, whose name says which process owns it.
 *
 * @param target the folder that is going to be made
 * @throws LossnetError when the cache folder cannot be written
 */
export function createScratch(target: string): string {
  try {
    mkdirSync(dirname(target), { recursive: true });
    const owner = [microseconds(), process.pid, startOf(process.pid), thisMachine()].join('-');
    return mkdtempSync(`${target}.tmp-${owner}-`);
  } catch (error) {
    if (saysDiskFull(error)) throw diskFull({ cause: error });
    throw cacheUnwritable(error);
  }
}

/** Removes a temporary folder and all in it. */
export function removeScratch(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** A temporary folder whose process runs on this machine, now. */
export interface LiveScratch {
  folder: string;
  pid: number;
}

/**
 * Removes the temporary folders that killed processes have left beside `target`.
 *
 * @returns those whose process is alive, the oldest first
 */
export function sweepScratches(target: string): LiveScratch[] {
  const live: LiveScratch[] = [];
  for (const folder of scratchesOf(target)) {
    const [, created = '', pid = '', start = '', machine = ''] = OWNER.exec(folder) ?? [];
    if (machine !== thisMachine()) {
      if (microseconds() - Number(created) > FOREIGN_LIFETIME) removeIfAllowed(folder);
    } else if (isAlive(Number(pid), start)) {
      live.push({ folder, pid: Number(pid) });
    } else {
      removeIfAllowed(folder);
    }
  }
  return live;
}

const OWNER = /\.tmp-(\d+)-(\d+)-(\d+)-([0-9a-f]+)-[^/]+$/;

/** A cache may be shared, and another user's leftovers are no reason to fail. */
function removeIfAllowed(folder: string): void {
  try {
    removeScratch(folder);
  } catch {
    // Its owner's next start removes it.
  }
}

function scratchesOf(target: string): string[] {
  try {
    return readdirSync(dirname(target))
      .filter((name) => name.startsWith(`${basename(target)}.tmp-`) && OWNER.test(name))
      .sort()
      .map((name) => join(dirname(target), name));
  } catch {
    return []; // No cache folder yet, or one that cannot be read: making the scratch folder says so.
  }
}

/** Fine enough to tell who of two came first. */
function microseconds(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // Process numbers are used again, so a living one has to be the one that was started then.
  return startOf(pid) === start;
}

/** When a process was started, in ticks since the machine's start; 0 where /proc does not tell. */
function startOf(pid: number): string {
  try {
    // The second field, the program's name in parentheses, may itself contain spaces and parentheses.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    return fields?.[19] ?? '0';
  } catch {
    return '0';
  }
}

/** Names the set of processes that can be seen from here: containers may share a cache but not process numbers. */
function thisMachine(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: the host's name has to do.
  }
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 12);
}
