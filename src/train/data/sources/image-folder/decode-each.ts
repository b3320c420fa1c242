import { inParallel } from '../../../../base/parallel.js';
import { lanes, loadDecoder } from './decode.js';
import { checkSame, orProblem, readBytes } from './file.js';
import type { PictureOptions } from './options.js';
import type { Outcome } from './picture-thread.js';
import type { Wanted } from './pictures.js';
import type { Progress } from './progress.js';
import { ENOUGH, type PictureThreads } from './threads.js';

/** What the threads are asked for, by name: of others they would only find out that these are for libvips. */
const JPEG = /\.jpe?g$/i;

/** Where pictures are decoded, and what becomes of them. */
export interface Decoding {
  readonly options: PictureOptions;
  /** They decode JPEGs, where these are many. */
  readonly threads: PictureThreads;
  readonly progress: Progress;
  /** Takes a picture. Its bytes are its own. */
  readonly put: (wanted: Wanted, picture: Uint8Array) => void;
  /** Takes what is wrong with one. */
  readonly refuse: (wanted: Wanted, problem: string) => void;
}

/**
 * Decodes pictures in the way that takes least time: JPEGs in threads of their own, all else by libvips, several at a time, and what
 * is odd alone.
 *
 * @param wanted which
 * @param decoding how, and where they go
 * @throws LossnetError `LOSSNET_DATA_DECODER` when a library for it is missing; what `put` throws; what stops it
 */
export async function decodeEach(wanted: readonly Wanted[], decoding: Decoding): Promise<void> {
  if (wanted.length === 0) return;
  const { options, threads, progress, put, refuse } = decoding;
  const { signal } = progress;
  const decoder = await loadDecoder(options);
  let tried = 0;
  const take = (own: Wanted, outcome: Outcome, others: Wanted[]): void => {
    if (outcome === null) {
      others.push(own);
      return;
    }
    if ('picture' in outcome) put(own, outcome.picture);
    else refuse(own, outcome.problem);
    progress.report('Decoding', ++tried, wanted.length);
  };

  const jpegs = wanted.filter(({ path }) => JPEG.test(path));
  const own = jpegs.length < ENOUGH ? [] : jpegs;
  const others = own.length === 0 ? [...wanted] : wanted.filter(({ path }) => !JPEG.test(path));
  await threads.decode(own, (at, outcome) => take(own[at]!, outcome, others), signal);

  const odd: Wanted[] = [];
  const decode = async (one: Wanted, by: (bytes: Buffer) => Promise<Uint8Array | null>): Promise<void> => {
    const outcome = await orProblem(async () => {
      const { bytes } = await readBytes(one.path);
      checkSame(bytes, one);
      const picture = await by(bytes);
      return picture && { picture };
    });
    take(one, outcome, odd);
  };
  await inParallel(others, lanes(), (one) => decode(one, decoder.together), signal);
  await inParallel(odd, 1, (one) => decode(one, decoder.alone), signal);
}
