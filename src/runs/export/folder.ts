import { join, resolve } from 'node:path';
import { LossnetError, UsageError } from '../../base/errors.js';
import {
  makeFolder,
  removeEmpty,
  removeQuietly,
  replaceFolder,
  writeFileAtomically,
} from '../../base/files.js';
import { kindOf, namesIn } from '../../base/read.js';
import { scratchName, sweepScratches } from '../../base/scratch.js';
import { EXPORT_RECORD } from '../store/folder.js';
import { MODEL_FILES } from './formats.js';
import { ROWS_FILES } from './rows/names.js';

/** All that an export is made of; before there was a record of it, a SavedModel alone. */
const OWN_FILES = new Set([
  ...Object.values(MODEL_FILES),
  ...Object.values(ROWS_FILES),
  ...[EXPORT_RECORD, 'config.yaml', 'preprocessing.json', 'README.md'],
]);
const WEIGHTS_PART = /^weights-\d+of\d+\.bin$/;

/**
 * Refuses early, before anything slow happens, a place where nothing may be written.
 *
 * @param place the folder that is to be made
 * @param force whether an export that is there may be replaced
 * @throws UsageError when there is something already; LossnetError when that cannot be told
 */
export function checkPlace(place: string, force: boolean): void {
  const kind = kindOf(place);
  if (kind === null) return;
  const names = kind === 'folder' ? namesIn(place) : null;
  if (names?.length === 0) return;
  if (names?.every((name) => OWN_FILES.has(name) || WEIGHTS_PART.test(name))) {
    if (force) return;
    throw new UsageError(
      'LOSSNET_EXPORT_EXISTS',
      `There is an export in ${place} already.`,
      'Add --force to replace it, or name another folder with --output.',
    );
  }
  const found = names === null ? `${place} is a file.` : `${place} holds something else than an export.`;
  throw new UsageError(
    'LOSSNET_EXPORT_FOREIGN',
    `${found} It will not be replaced.`,
    'Name another folder with --output.',
  );
}

/**
 * Writes an export whole or not at all: beside its place, where it is tried out, and then put there. Whatever happens in
 * between, an export that was there stays as it was.
 *
 * @param place the folder
 * @param files by name
 * @param check tries out what was written, in the folder that it is given
 * @returns what the check returns
 * @throws LossnetError when it cannot be written; what the check throws
 */
export async function writeExport<T>(
  place: string,
  files: ReadonlyMap<string, Buffer | string>,
  check: (folder: string) => Promise<T>,
): Promise<T> {
  const target = resolve(place);
  const scratch = scratchName(target);
  const made: string[] = [];
  try {
    sweepScratches(target);
    made.push(...makeFolder(scratch));
    for (const [name, content] of files) writeFileAtomically(join(scratch, name), content);
    const result = await check(scratch);
    replaceFolder(scratch, target, scratchName(target));
    return result;
  } catch (error) {
    removeQuietly(scratch);
    for (const folder of made.reverse()) removeEmpty(folder);
    throw error instanceof LossnetError ? about(place, [scratch, target], error) : error;
  }
}

/** Nobody knows of the folder beside the place: what is said is about the place, as it was named. */
function about(place: string, paths: readonly string[], error: LossnetError): LossnetError {
  const message = paths.reduce((text, path) => text.replaceAll(path, place), error.message);
  return message === error.message
    ? error
    : new LossnetError(error.code, message, error.remedy, { cause: error });
}
