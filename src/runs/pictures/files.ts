import { accessSync, constants } from 'node:fs';
import { dirname, extname, resolve, sep } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { makeFolder, writeFileAtomically } from '../../base/files.js';
import { exists } from '../../base/read.js';
import { cannotWrite } from '../../base/system-errors.js';

/**
 * Refuses files that cannot be written, before anything slow happens.
 *
 * @param files paths
 * @param force replace what is there
 * @throws UsageError that names all that are there
 */
export function refuseExisting(files: readonly string[], force: boolean): void {
  const found = force ? [] : files.filter(exists);
  if (found.length === 0) return;
  throw new UsageError(
    'LOSSNET_PICTURE_EXISTS',
    `${found.join(' and ')} ${found.length === 1 ? 'exists' : 'exist'} already.`,
    'Add --force to replace it, or name another file.',
  );
}

/**
 * Refuses files whose folder cannot be written to, as far as that is known before it is tried.
 *
 * @param files paths
 * @throws LossnetError that names the folder, and what the system says
 */
export function refuseUnwritable(files: readonly string[]): void {
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    // What is not there yet is made in the first one above that is.
    let there = resolve(folder);
    while (!exists(there) && dirname(there) !== there) there = dirname(there);
    try {
      accessSync(`${there}${sep}`, constants.W_OK);
    } catch (error) {
      throw cannotWrite(folder, error);
    }
  }
}

/** @throws UsageError for a page without a name */
export function refuseNameless(file: string): void {
  if (file.trim() !== '') return;
  throw new UsageError(
    'LOSSNET_USAGE',
    'The page has no name: --html is empty.',
    'Name a file, such as page.html.',
  );
}

/** @throws UsageError for a page whose name does not end in .html */
export function refuseOtherThanHtml(file: string): void {
  refuseNameless(file);
  if (/^\.html?$/i.test(extname(file))) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    `The page is an HTML file, but ${file} does not end in .html.`,
    `Name it ${file.replace(/\.\w*$/, '')}.html.`,
  );
}

/** Writes files, each whole or not at all, into folders that are made where they are not there. */
export function writeFiles(files: ReadonlyMap<string, string | Buffer>): void {
  for (const [file, content] of files) {
    makeFolder(dirname(file));
    writeFileAtomically(file, content);
  }
}
