import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ReadEntry } from 'tar';
import { systemCode } from '../../../../base/system-errors.js';
import { cannotWrite, DownloadError } from '../../fetch/archive.js';
import type { CifarFormat } from './formats.js';

/**
 * Unpacks the archive into a folder that appears whole or not at all: into a temporary folder beside it,
 * synced, then renamed. Of the archive only regular files of the expected names are taken; links, other paths and
 * files of unreasonable size are passed over.
 *
 * @param format which data set
 * @param archive the `.tar.gz` file
 * @param folder the folder to make; one that another process made meanwhile is left as it is
 * @throws DownloadError when the archive is damaged or incomplete, or the folder cannot be written
 */
export async function unpackCifar(format: CifarFormat, archive: string, folder: string): Promise<void> {
  const temporary = temporaryPrefix(folder) + randomUUID();
  try {
    await mkdir(temporary);
    await extractWanted(format, archive, temporary);
    await syncFiles(temporary);
    await renameUnlessThere(temporary, folder);
  } catch (error) {
    throw error instanceof DownloadError ? error : cannotWrite(folder, error);
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function renameUnlessThere(temporary: string, folder: string): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error;
  }
}

/** Removes what a killed process left half unpacked. Only while no other process can be unpacking. */
export async function removeHalfUnpacked(folder: string): Promise<void> {
  const prefix = basename(temporaryPrefix(folder));
  for (const name of await readdir(dirname(folder))) {
    if (name.startsWith(prefix)) await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function temporaryPrefix(folder: string): string {
  return `${folder}.unpacking-`;
}

async function extractWanted(format: CifarFormat, archive: string, folder: string): Promise<void> {
  const required = Object.values(format.files).flat();
  const wanted = new Set([...required, ...format.extras].map((name) => `${format.folder}/${name}`));
  const taken = new Set<string>();
  let failure: Error | undefined;
  const filter = (path: string, entry: ReadEntry) => {
    const isWanted =
      entry.type === 'File' && wanted.has(path) && entry.size <= format.largestFile && !taken.has(path);
    if (isWanted) taken.add(path);
    // The archive does not decide who may do what with the files.
    entry.mode = 0o644;
    return isWanted;
  };
  // Loaded here: nobody but who has downloaded an archive waits for it.
  const { extract } = await import('tar');
  try {
    await extract({
      file: archive,
      cwd: folder,
      strip: 1,
      filter: (path, entry) => filter(path, entry as ReadEntry),
      preserveOwner: false,
      noMtime: true,
      // Files that cannot be written are but warnings to node-tar.
      onwarn: (code, message, details) => {
        if (code === 'TAR_ENTRY_ERROR') failure ??= details instanceof Error ? details : new Error(message);
      },
    });
  } catch (error) {
    throw new DownloadError(`${archive} is damaged: ${(error as Error).message}`, { cause: error });
  }
  if (failure) throw failure;
  const missing = required.filter((name) => !taken.has(`${format.folder}/${name}`));
  if (missing.length > 0) throw new DownloadError(`${archive} does not hold ${missing.join(', ')}`);
}

/** The files must be on the disk before the folder has its name: a power cut may not leave empty ones. */
async function syncFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = await open(join(folder, name), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
