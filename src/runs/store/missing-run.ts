import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { exists, foldersIn, kindOf } from '../../base/read.js';
import { nearest } from '../../config/validate/spelling.js';

/**
 * @param path what was named as a run's folder
 * @returns why it is none, with the folder that was most likely meant
 */
export function missingRun(path: string): UsageError {
  return new UsageError(
    'LOSSNET_RUN_MISSING',
    exists(path) ? `${path} is not the folder of a run: it has no config.yaml.` : noFolder(path),
    'Name a folder that lossnet train said it saved in.',
  );
}

function noFolder(path: string): string {
  const parent = dirname(path);
  const names = kindOf(parent) === 'folder' ? foldersIn(parent) : [];
  const guess = nearest(basename(path), names);
  return `There is no folder ${path}.${guess === undefined ? '' : ` Did you mean ${join(parent, guess)}?`}`;
}
