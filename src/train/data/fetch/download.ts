import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOffline, OFFLINE } from '../../../base/offline.js';
import { systemCode, systemReason } from '../../../base/system-errors.js';
import {
  type Archive,
  cannotWrite,
  DOWNLOAD_TIMING,
  DownloadError,
  type DownloadHooks,
  type DownloadTiming,
} from './archive.js';
import { TransientFailure } from './network-errors.js';
import { transfer } from './transfer.js';

const RETRIES = 3;
/** An attempt that brought this much counts as a success of sorts: a bad line may take many. */
const WORTHWHILE_BYTES = 2 ** 20;

/**
 * Downloads an archive into a part file, going on where an earlier download stopped, until its size and SHA-256
 * are right. Failures that may pass are retried, waiting longer each time.
 *
 * @param archive what to download
 * @param part the file; what it holds already is taken for the beginning of the archive
 * @param hooks progress, and a signal that stops the download and keeps the part
 * @param timing milliseconds before a silent connection is given up and before a retry
 * @throws DownloadError when it cannot be had. Content that is wrong is removed, so that the next try starts
 * afresh; a part that may be right is kept
 */
export async function downloadArchive(
  archive: Archive,
  part: string,
  hooks: DownloadHooks = {},
  timing: DownloadTiming = DOWNLOAD_TIMING,
): Promise<void> {
  if (isOffline()) throw new DownloadError(OFFLINE);
  let failures = 0;
  let etag: string | null = null;
  for (;;) {
    let from = await sizeOf(part);
    if (from > archive.bytes) {
      await rm(part);
      from = 0;
    }
    if (from === archive.bytes) break;
    try {
      await transfer({ archive, part, from, etag, idle: timing.idle, ...hooks }, (tag) => {
        etag = tag;
      });
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      failures = (await sizeOf(part)) - from >= WORTHWHILE_BYTES ? 1 : failures + 1;
      if (failures > RETRIES) {
        throw new DownloadError(`${error.message}, ${failures} times in a row`, { cause: error });
      }
      await sleep(timing.backoff * 2 ** (failures - 1), undefined, hooks.signal && { signal: hooks.signal });
    }
  }
  hooks.onProgress?.(archive.bytes, archive.bytes);
  const found = await sha256Of(part);
  if (found !== archive.sha256) {
    await rm(part, { force: true });
    throw new DownloadError(
      `what was downloaded is not the archive: SHA-256 ${found}, not ${archive.sha256}`,
    );
  }
}

/** A file's size; 0 when there is none. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw cannotWrite(file, error);
  }
}

/** SHA-256 of a file's content, in hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  } catch (error) {
    throw new DownloadError(`cannot read ${file}: ${systemReason(error)}`, { cause: error });
  }
  return hash.digest('hex');
}
