import { LossnetError } from '../../../base/errors.js';
import { systemReason } from '../../../base/system-errors.js';

/** A file on the web whose content is known beforehand. */
export interface Archive {
  readonly url: string;
  /** Its exact size. */
  readonly bytes: number;
  /** SHA-256 of its content, in hexadecimal. */
  readonly sha256: string;
}

/**
 * The official binary version of CIFAR-10.
 *
 * @source https://www.cs.toronto.edu/~kriz/cifar.html
 */
export const CIFAR10_ARCHIVE: Archive = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  bytes: 170_052_171,
  sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
};

/**
 * The official binary version of CIFAR-100.
 *
 * @source https://www.cs.toronto.edu/~kriz/cifar.html
 */
export const CIFAR100_ARCHIVE: Archive = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
  bytes: 168_513_733,
  sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
};

/** Why an archive could not be had: the network, the server, its content, or the disk that it should go to. */
export class DownloadError extends LossnetError {
  constructor(message: string, options?: ErrorOptions) {
    const remedy = 'Try again, or put the files there by hand.';
    super('LOSSNET_DATA_DOWNLOAD', message, remedy, options);
  }
}

/** The error for a file or folder of the download that cannot be written. */
export function cannotWrite(path: string, error: unknown): DownloadError {
  const what = error instanceof LossnetError ? error.message : `cannot write ${path}: ${systemReason(error)}`;
  return new DownloadError(what.replace(/^C/, 'c').replace(/\.$/, ''), { cause: error });
}

/** Ways to train without data that are not there: said where they are to be trained on, and not where they are to be provided. */
export const SHAPES_INSTEAD = 'Or train on generated shapes in their place: dataset.if_unavailable: shapes';
export const BEGIN_WITHOUT = 'Or begin without them: lossnet train configs/shapes-sgd.yaml';

export interface DownloadHooks {
  /** Called as bytes arrive, with those on disk so far and the size of the archive. */
  readonly onProgress?: ((received: number, total: number) => void) | undefined;
  /** Stops the download; what has arrived is kept for the next one. */
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadTiming {
  /** Give up on a connection that brings nothing for so long, in milliseconds. Default 30,000. */
  readonly idle: number;
  /** Wait so long before the first retry, in milliseconds; twice as long before each further one. Default 500. */
  readonly backoff: number;
}

export const DOWNLOAD_TIMING: DownloadTiming = { idle: 30_000, backoff: 500 };
