import { dirname } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { makeFolder } from '../../../../base/files.js';
import { withLock } from '../../../../base/lock.js';
import { cannotWrite } from '../../../../base/system-errors.js';
import { type BuildOptions, decodeAll } from './build.js';
import { packFile } from './cache.js';
import { bytesOfPicture } from './options.js';
import { packBytes, strideOf } from './pack.js';
import { fromPack, openSound, type Pictures, type Wanted } from './pictures.js';
import type { Progress } from './progress.js';
import { tooLarge } from './store.js';

/**
 * Has all pictures decoded: from the cache, or else anew, and then kept there. Several processes may ask for the same at once:
 * one decodes, the others wait for it.
 *
 * @param wanted which, each once
 * @param options what they become, and whether they are kept
 * @param progress told how far it is; once it is stopped, what has been decoded is kept
 * @returns the pictures
 * @throws LossnetError `LOSSNET_DATA_CACHE` when there are more than the memory may hold, and they cannot be kept on the disk
 */
export async function providePictures(
  wanted: readonly Wanted[],
  options: BuildOptions,
  progress: Progress,
): Promise<Pictures> {
  const warnings: string[] = [];
  const length = bytesOfPicture(options);
  const isSmall = wanted.length * strideOf(length) <= options.mostInMemory;
  const hashes = wanted.map(({ hash }) => hash);
  const file = options.cache.enabled ? packFile(options, hashes) : null;
  const build = (kept: string | null) =>
    decodeAll(wanted, options, { file: kept, isSmall, progress, warnings });
  if (file === null) {
    if (!isSmall) throw tooLarge(packBytes(wanted.length, length), 'dataset.cache.enabled is false');
    return await build(null);
  }

  const kept = () => {
    const pack = openSound(file, length, warnings);
    if (pack === null) return null;
    if (pack.slots.size < wanted.length) {
      pack.close();
      return null;
    }
    return fromPack(pack, length, { isSmall, broken: new Map(), warnings });
  };
  const there = kept();
  if (there !== null) return there;
  let isOurs = false;
  let isAnnounced = false;
  try {
    makeFolder(dirname(file));
    return await withLock(
      `${file}.lock`,
      async () => {
        isOurs = true;
        return kept() ?? (await build(file));
      },
      {
        onWait({ holder }) {
          const other = holder === null ? 'another process' : `process ${holder.pid}`;
          if (!isAnnounced) progress.say(`waiting for ${other}, which is decoding the same pictures`);
          isAnnounced = true;
        },
        signal: progress.signal,
      },
    );
  } catch (error) {
    const refusal = cannotWrite(dirname(file), error);
    if (isOurs || !(refusal instanceof LossnetError)) throw error;
    if (!isSmall) throw tooLarge(packBytes(wanted.length, length), refusal.message);
    warnings.push(`The decoded pictures are not kept for the next run. ${refusal.message}`);
    return await build(null);
  }
}
