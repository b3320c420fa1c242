import { cacheFolder } from '../../../base/cache-folder.js';
import { LossnetError } from '../../../base/errors.js';
import { cannotWrite } from '../../../base/system-errors.js';

/** The remedy that is always left. */
export const NAME_A_LIBRARY =
  'Or set LOSSNET_LIBTENSORFLOW to a folder that holds libtensorflow 2: its libraries and its include folder.';

/** @returns the error for a cache folder without the room for making the library */
export function diskFull(options?: ErrorOptions): LossnetError {
  return new LossnetError(
    'LOSSNET_NATIVE_DISK_FULL',
    `There is not enough room in ${cacheFolder()}: making TensorFlow's native library takes 1.5 GB for a minute.`,
    'Free some space, or set LOSSNET_CACHE to a folder on a larger disk.',
    options,
  );
}

/** @returns the error for a cache folder that cannot be made or written; what is no error of the system stays as it is */
export function cacheUnwritable(cause: unknown): unknown {
  const error = cannotWrite(cacheFolder(), cause);
  if (!(error instanceof LossnetError) || error.code !== 'LOSSNET_WRITE_FAILED') return cause;
  if (saysDiskFull(error)) return diskFull({ cause });
  return new LossnetError(
    'LOSSNET_NATIVE_CACHE',
    `TensorFlow's native library cannot be put into the cache. ${error.message}`,
    'Set LOSSNET_CACHE to a folder that you may write to.',
    { cause },
  );
}

/** @returns whether the text of a failed command, or a file system error, says that the disk is full */
export function saysDiskFull(failure: unknown): boolean {
  return /no space left on device|disk quota exceeded|ENOSPC|EDQUOT|\[Errno 28\]/i.test(String(failure));
}

/** @returns the first line that has text, for a message of one line */
export function firstLine(failure: unknown): string {
  const text = failure instanceof Error ? failure.message : String(failure);
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim()
      .replace(/\.$/, '') ?? 'no reason given'
  );
}
