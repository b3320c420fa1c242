import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { LossnetError } from './errors.js';
import { exists, kindOf } from './read.js';
import { cannotRemove, cannotWrite, systemCode } from './system-errors.js';

const TEMPORARY = '.tmp-';
/** Longer names get shorter temporary ones: what is put before must not make them too long. */
const LONGEST_NAME = 100;
/** What systems say that keep folders from being opened or synced: there it is left to them. */
const UNSYNCABLE = ['EACCES', 'EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP', 'ENOSYS', 'EBADF'];

/**
 * Makes a folder, and those above it that are not there. Node's own recursive mkdir never returns where the system answers
 * ENOENT below a folder that exists, as in /proc.
 *
 * @param path the folder; one that is there is left as it is
 * @param mode its permissions
 * @returns the folders that were made, the outermost first
 * @throws LossnetError when it cannot be made, or something else has its name
 */
export function makeFolder(path: string, mode = 0o777): string[] {
  const made: string[] = [];
  try {
    make(path, mode, made);
    return made;
  } catch (error) {
    for (const folder of made.reverse()) removeEmpty(folder);
    throw cannotWrite(path, error);
  }
}

function make(path: string, mode: number, made: string[]): void {
  try {
    mkdirSync(path, mode);
    made.push(path);
  } catch (error) {
    const code = systemCode(error);
    // Systems that cannot make a folder of that name say so also where it is there: the root of a drive, a mount.
    if (code !== 'ENOENT' && isFolder(path)) return;
    if (code === 'EEXIST' && isLink(path)) throw linkToNothing(path);
    if (code !== 'ENOENT') throw error;
    const parent = dirname(resolve(path));
    if (isFolder(parent)) throw refusing(path, parent, error);
    make(parent, 0o777, made);
    make(path, mode, made);
  }
}

/**
 * Makes a folder in one that is there: what somebody removed meanwhile must not come back, empty.
 *
 * @param path the folder
 * @returns whether it was made; if not, something of that name is there already
 * @throws LossnetError when it cannot be made
 */
export function makeOneFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && exists(path)) return false;
    throw cannotWrite(path, error);
  }
}

/** Removes a folder that was made and is not needed after all, unless there is something in it by now. */
export function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is in use by now.
  }
}

function isFolder(path: string): boolean {
  try {
    return kindOf(path) === 'folder';
  } catch {
    return false;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function linkToNothing(path: string): LossnetError {
  return new LossnetError(
    'LOSSNET_WRITE_FAILED',
    `Cannot write ${path}: it is a symbolic link to what does not exist.`,
    'Make what it points at, remove it, or choose another path.',
  );
}

function refusing(path: string, parent: string, cause: unknown): LossnetError {
  return new LossnetError(
    'LOSSNET_WRITE_FAILED',
    `Cannot write ${path}: no folder can be made in ${parent}.`,
    'Choose a folder on another file system.',
    { cause },
  );
}

/**
 * Writes a file whole or not at all: to a temporary name beside it, synced to the disk, then renamed. Whatever
 * happens in between, a previous version stays as it was.
 *
 * @param file path, in a folder that is there
 * @param content the file's bytes or text
 * @throws LossnetError when it cannot be written, for example because the disk is full
 */
export function writeFileAtomically(file: string, content: string | Buffer): void {
  const name = `${TEMPORARY}${process.pid}-${basename(file).slice(-LONGEST_NAME)}`;
  const temporary = join(dirname(file), name);
  try {
    const handle = openSync(temporary, 'w');
    try {
      writeAll(handle, Buffer.from(content));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
    syncFolder(dirname(file));
  } catch (error) {
    removeQuietly(temporary);
    throw cannotWrite(file, error);
  }
}

/** Writes all of it: a disk that is nearly full, or a signal, may have the system write a part. */
export function writeAll(handle: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
}

/** Removes a file or a folder with all in it, where there is one. @throws LossnetError when it cannot be removed */
export function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch (error) {
    throw cannotRemove(path, error);
  }
}

/** Removes a file where another error is the one to report, or where it is none the worse for staying. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch {
    // It stays.
  }
}

/**
 * Puts a folder in the place of another, or where there is none. What was there goes back when it cannot be done.
 *
 * @param folder the new one, on the same file system
 * @param place where it goes
 * @param aside where what was there is kept meanwhile
 * @throws LossnetError when it cannot be moved
 */
export function replaceFolder(folder: string, place: string, aside: string): void {
  const isThere = exists(place);
  try {
    if (isThere) renameSync(place, aside);
    try {
      renameSync(folder, place);
    } catch (error) {
      if (isThere) renameSync(aside, place);
      throw error;
    }
    syncFolder(dirname(place));
  } catch (error) {
    throw cannotWrite(place, error);
  }
  removeQuietly(aside);
}

/** Removes what a killed process left of its temporary files and folders in `folder`, which is locked by this one. */
export function sweepTemporaryFiles(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(TEMPORARY)) rmSync(join(folder, name), { recursive: true, force: true });
    }
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

/** A rename is on the disk only once its folder is. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (!UNSYNCABLE.includes(systemCode(error) ?? '')) throw error;
  }
}
