import { rename, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { makeFolder } from '../../../../base/files.js';
import { withLock } from '../../../../base/lock.js';
import type { OfficialSplit } from '../../dataset.js';
import { cannotWrite, type DownloadHooks } from '../../fetch/archive.js';
import { downloadArchive, sizeOf } from '../../fetch/download.js';
import { fileIn } from './files.js';
import { fileName, type MnistFormat, type Part } from './formats.js';

const PARTS: readonly Part[] = ['images', 'labels'];

/**
 * Downloads the files of splits that are not there, each verified before it has its name. Safe to run in several processes at
 * once: one downloads, the others wait for it. Killed at any moment it leaves nothing that looks like data, and the next call
 * goes on where it stopped.
 *
 * @param format which data set
 * @param root the folder that is to hold the data set's own; made when it does not exist
 * @param splits that are needed
 * @param hooks progress and what stops it
 * @returns the folder with the files
 * @throws DownloadError when they cannot be had
 */
export async function provideMnist(
  format: MnistFormat,
  root: string,
  splits: readonly OfficialSplit[],
  { onProgress, signal }: DownloadHooks,
): Promise<string> {
  const folder = join(root, format.folders[0]);
  const wanted = splits.flatMap((split) =>
    PARTS.map((part) => ({
      archive: format.archives[split][part],
      file: join(folder, fileName(split, part)),
      isThere: () => fileIn(folder, split, part) !== null,
    })),
  );
  const total = wanted.reduce((sum, { archive }) => sum + archive.bytes, 0);
  let made: string[] = [];
  try {
    made = makeFolder(resolve(folder));
    const work = async () => {
      let done = 0;
      for (const { archive, file, isThere } of wanted) {
        if (!isThere()) {
          const part = `${file}.part`;
          const report = (received: number) => onProgress?.(done + received, total);
          await downloadArchive(archive, part, { onProgress: report, signal });
          signal?.throwIfAborted();
          await rename(part, file);
        }
        done += archive.bytes;
      }
    };
    const onWait = async () => {
      const sizes = await Promise.all(wanted.map(({ file }) => sizeOf(`${file}.part`)));
      onProgress?.(
        sizes.reduce((sum, size) => sum + size, 0),
        total,
      );
    };
    await withLock(join(folder, '.download.lock'), work, { onWait, signal });
    return folder;
  } catch (error) {
    // Folders that were made for a download that came to nothing; one that holds a part stays.
    for (const path of made.reverse()) await rmdir(path).catch(() => {});
    signal?.throwIfAborted();
    const isOurs = error instanceof LossnetError && error.code.startsWith('LOSSNET_DATA_');
    throw isOurs ? error : cannotWrite(folder, error);
  }
}
