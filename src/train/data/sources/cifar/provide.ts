import { rm, rmdir, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { makeFolder } from '../../../../base/files.js';
import { withLock } from '../../../../base/lock.js';
import { exists } from '../../../../base/read.js';
import {
  type Archive,
  cannotWrite,
  DownloadError,
  type DownloadHooks,
  type DownloadTiming,
} from '../../fetch/archive.js';
import { downloadArchive, sha256Of, sizeOf } from '../../fetch/download.js';
import type { CifarFormat } from './formats.js';
import { removeHalfUnpacked, unpackCifar } from './unpack.js';

/**
 * Provides the files: downloads the archive, checks it, unpacks it, removes it. Safe to run in several
 * processes at once: one downloads, the others wait for it. Killed at any moment it leaves nothing that looks like
 * data, and the next call goes on where it stopped.
 *
 * An archive of the official name that lies in `root` already is used in place of a download, and kept.
 *
 * @param format which data set
 * @param root the folder that is to hold the archive's folder; made when it does not exist
 * @param options progress and stop hooks; `archive` and `timing` for other servers than the official one
 * @returns the folder with the files
 * @throws DownloadError when they cannot be had
 * @throws LossnetError `LOSSNET_DATA_CORRUPT` when an archive lies in `root` but is not the official one
 */
export async function provideCifar(
  format: CifarFormat,
  root: string,
  options: DownloadHooks & { readonly archive?: Archive | undefined; readonly timing?: DownloadTiming } = {},
): Promise<string> {
  const { archive = format.archive, timing, signal, onProgress } = options;
  const folder = join(root, format.folder);
  const file = join(root, archive.url.slice(archive.url.lastIndexOf('/') + 1));
  const part = `${file}.part`;
  let made: string[] = [];
  try {
    made = makeFolder(resolve(root));
    const work = async () => {
      if (exists(folder)) return;
      await removeHalfUnpacked(folder);
      if (exists(file)) {
        await checkGiven(file, archive);
        await unpackCifar(format, file, folder);
        return;
      }
      await checkSpace(root, archive, await sizeOf(part));
      await downloadArchive(archive, part, { onProgress, signal }, timing);
      signal?.throwIfAborted();
      await unpackCifar(format, part, folder);
      await rm(part, { force: true });
    };
    const onWait = async () => onProgress?.(Math.min(await sizeOf(part), archive.bytes), archive.bytes);
    await withLock(`${file}.lock`, work, { onWait, signal });
    return folder;
  } catch (error) {
    // Folders that were made for a download that came to nothing; one that holds a part stays.
    for (const path of made.reverse()) await rmdir(path).catch(() => {});
    signal?.throwIfAborted();
    const isOurs = error instanceof LossnetError && error.code.startsWith('LOSSNET_DATA_');
    throw isOurs ? error : cannotWrite(root, error);
  }
}

async function checkGiven(file: string, archive: Archive): Promise<void> {
  if ((await sizeOf(file)) === archive.bytes && (await sha256Of(file)) === archive.sha256) return;
  throw new LossnetError(
    'LOSSNET_DATA_CORRUPT',
    `${file} is not the official archive: its size or its SHA-256 (${archive.sha256}) is different.`,
    `Remove it: the official one is then downloaded. Or replace it by a sound copy of ${archive.url}`,
  );
}

/** Says beforehand that the disk will not do, rather than fill it. */
async function checkSpace(root: string, { bytes }: Archive, had: number): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(root);
  // Some network file systems do not say.
  if (blocks === 0) return;
  // The images hardly compress: unpacked they are 8 % larger than the archive.
  const needed = Math.ceil(bytes * 2.1) - had;
  if (bavail * bsize >= needed) return;
  const megabytes = (count: number) => `${Math.ceil(count / 1e6)} MB`;
  throw new DownloadError(
    `the disk is too full: ${resolve(root)} needs ${megabytes(needed)}, and ${megabytes(bavail * bsize)} are free`,
  );
}
