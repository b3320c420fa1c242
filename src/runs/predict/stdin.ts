import { LossnetError, UsageError } from '../../base/errors.js';
import type { Chunks } from './result.js';

/** What standard input is called among the inputs. */
export const STDIN = '-';

/** @throws UsageError when there is no such stream */
export function streamOf(stdin: Chunks | undefined): Chunks {
  if (stdin !== undefined) return stdin;
  throw new UsageError(
    'LOSSNET_USAGE',
    'There is no stream to read for the input `-`.',
    'Give one as `stdin`.',
  );
}

/**
 * @param stdin the stream
 * @param most how many bytes it may have
 * @returns all that it gives
 * @throws LossnetError when that is nothing, or too much
 */
export async function allOf(stdin: Chunks, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > most) {
      throw new LossnetError(
        'LOSSNET_DATA_UNUSABLE',
        `Standard input has more than ${most / 1e6} MB.`,
        'Write it into a file, and name that.',
      );
    }
  }
  if (size === 0) throw nothingCame();
  return Buffer.concat(chunks);
}

export const nothingCame = (): LossnetError =>
  new LossnetError(
    'LOSSNET_DATA_UNUSABLE',
    'Nothing came from standard input.',
    'Pipe something into it, or name a file.',
  );
