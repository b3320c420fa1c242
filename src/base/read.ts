import { readdirSync, readFileSync, statSync } from 'node:fs';
import { LossnetError } from './errors.js';
import { cannotRead, isAbsence } from './system-errors.js';

/** What a path names, links followed. */
export type PathKind = 'file' | 'folder' | 'other';

/**
 * @param path any
 * @returns what it names; null when there is nothing
 * @throws LossnetError when that cannot be told, such as for want of permission: to say that nothing is there would be wrong
 */
export function kindOf(path: string): PathKind | null {
  try {
    const found = statSync(path);
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
  } catch (error) {
    if (isAbsence(error)) return null;
    throw cannotRead(path, error);
  }
}

/** Whether a path names anything. @throws LossnetError when that cannot be told */
export function exists(path: string): boolean {
  return kindOf(path) !== null;
}

/** The bytes of a file, or of what is read like one: a pipe that a shell made. @throws LossnetError when it cannot be read */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw cannotRead(file, error);
  }
}

/** The text of a file that lossnet wrote; null when there is none. @throws LossnetError when it cannot be read */
export function readTextIfThere(file: string): string | null {
  const kind = kindOf(file);
  if (kind === null) return null;
  // A pipe or a device of that name might be waited for, or never end.
  if (kind === 'other') {
    const remedy = 'Remove it, or put the file back that was there.';
    throw new LossnetError('LOSSNET_READ_FAILED', `Cannot read ${file}: it is no regular file.`, remedy);
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw cannotRead(file, error);
  }
}

/** The names in a folder. @throws LossnetError when it cannot be listed */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw cannotRead(folder, error);
  }
}

/** The names of the folders in a folder, without links. @throws LossnetError when it cannot be listed */
export function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    throw cannotRead(folder, error);
  }
}
