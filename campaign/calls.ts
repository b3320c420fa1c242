import { readFileSync } from 'node:fs';
import { PATHS } from './paths.js';
import type { Random } from './random.js';

/** A call of the file system, as test/faults/inject.mjs records it. */
export interface Call {
  readonly pid: number;
  readonly call: string;
  readonly path?: string;
  readonly at?: string;
}

/** The calls in a record of them, in their order. */
export function callsIn(record: string): Call[] {
  const lines = readFileSync(record, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Call);
}

const OF_PATHS = ['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EIO'];
const OF_CHANGES = [...OF_PATHS, 'EROFS', 'ENOSPC', 'EDQUOT', 'EBUSY'];
const OF_OPENING = [...OF_PATHS, 'EISDIR', 'EMFILE', 'ENFILE'];
const OF_WRITING = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'];

/** The errors that a call can have; those of any call with a path where it is not named here. */
const ERRORS: Readonly<Record<string, readonly string[]>> = {
  open: [...OF_OPENING, 'EROFS', 'ENOSPC', 'EFBIG'],
  readFile: OF_OPENING,
  readdir: [...OF_PATHS, 'EMFILE', 'ENFILE'],
  writeFile: [...OF_OPENING, ...OF_WRITING, 'EROFS'],
  appendFile: [...OF_OPENING, ...OF_WRITING, 'EROFS'],
  mkdir: OF_CHANGES,
  mkdtemp: OF_CHANGES,
  rename: [...OF_CHANGES, 'EXDEV', 'ENOTEMPTY', 'EISDIR'],
  link: [...OF_CHANGES, 'EMLINK', 'EXDEV'],
  symlink: OF_CHANGES,
  rm: [...OF_CHANGES.filter((code) => code !== 'ENOENT'), 'ENOTEMPTY'],
  rmdir: [...OF_CHANGES, 'ENOTEMPTY'],
  unlink: OF_CHANGES,
  copyFile: [...OF_OPENING, ...OF_WRITING],
  write: OF_WRITING,
  fsync: OF_WRITING,
  fdatasync: OF_WRITING,
  sync: OF_WRITING,
  datasync: OF_WRITING,
  close: ['EIO', 'ENOSPC', 'EDQUOT'],
  read: ['EIO'],
  fstat: ['EIO'],
};

/** A rule for test/faults/inject.mjs. */
export interface FaultRule {
  readonly call: string;
  readonly errno: string;
  readonly at?: string;
  readonly path?: string;
  readonly nth?: number;
  readonly from?: number;
}

/**
 * Picks a place in the program that calls the file system, one of its calls, and what that fails with, once or from then on.
 *
 * @param calls that the program makes when none fails
 * @param random picks
 */
export function pickFault(calls: readonly Call[], random: Random): FaultRule {
  const places = new Map<string, Call[]>();
  for (const call of calls) {
    // What nobody names is what Node does in the background; without its own files no program can do anything.
    if ((call.at === undefined && call.path === undefined) || call.path?.startsWith(PATHS.root)) continue;
    const place = `${call.call} ${call.at ?? generalPath(call)}`;
    places.set(place, [...(places.get(place) ?? []), call]);
  }
  const made = random.pick([...places.values()]);
  const first = made[0]!;
  const where = first.at ? { at: `${literal(first.at)}$` } : { path: `^${literal(first.path!)}$` };
  const nth = random.between(1, made.length);
  const when = random.chance(0.3) ? { from: nth } : { nth };
  return { call: first.call, errno: random.pick(ERRORS[first.call] ?? OF_PATHS), ...where, ...when };
}

const generalPath = ({ path = '' }: Call): string => path.replace(/[0-9a-f]{6,}|\d+/g, '');
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
