import { statSync } from 'node:fs';
import { LossnetError } from '../../base/errors.js';
import { kindOf, readBytes } from '../../base/read.js';
import { DataError } from './data-error.js';

/**
 * Reads a file of a user's own data.
 *
 * @param path the file
 * @param key the option that names it
 * @param most how many bytes it may have
 * @param refusal the error for a file that has more
 * @returns its bytes
 * @throws DataError when it is not there, no regular file, too large, or cannot be read
 */
export function ownFile(
  path: string,
  key: string,
  most: number,
  refusal: (bytes: number) => unknown,
): Buffer {
  try {
    const kind = kindOf(path);
    if (kind === null) {
      throw new DataError(key, `there is no file ${path}`, ['relative paths count from the working folder']);
    }
    if (kind === 'folder') throw new DataError(key, `${path} is a folder`, ['name a file']);
    // A pipe may never come to its end, nor does a device; and a run has to find its data again.
    if (kind === 'other') {
      throw new DataError(key, `${path} is no regular file`, [
        'write what it gives into a file, and name that',
      ]);
    }
    // Before it is read: it may be larger than the memory.
    const { size } = statSync(path);
    if (size > most) throw refusal(size);
    return readBytes(path);
  } catch (error) {
    if (error instanceof DataError || !(error instanceof LossnetError)) throw error;
    throw new DataError(key, error.message, error.remedy === undefined ? [] : [error.remedy]);
  }
}

/** @returns the error of a text with more bytes than are taken, and what to do: `less` */
export function textTooLarge(path: string, key: string, most: number, less: string): DataError {
  return new DataError(key, `${path} is larger than ${most / 1e6} MB of text`, [less]);
}
