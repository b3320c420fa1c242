import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cannotRead, isAbsence } from '../../base/system-errors.js';

/**
 * How many bytes a file has, or all files in a folder. Of a link counts nothing: what it leads to lies elsewhere.
 *
 * @param path a file or a folder; what is removed meanwhile counts nothing either
 * @returns its bytes
 * @throws LossnetError when it cannot be looked at
 */
export function sizeOf(path: string): number {
  try {
    const found = lstatSync(path);
    if (found.isSymbolicLink()) return 0;
    if (!found.isDirectory()) return found.size;
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  } catch (error) {
    if (isAbsence(error)) return 0;
    throw cannotRead(path, error);
  }
}
