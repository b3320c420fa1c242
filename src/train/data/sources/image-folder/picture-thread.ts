import { parentPort, workerData } from 'node:worker_threads';
import { inParallel } from '../../../../base/parallel.js';
import { type Content, checkSame, contentOf, orProblem, readBytes } from './file.js';
import { loadJpegDecoderSync } from './jpeg-decoder.js';
import type { PictureOptions } from './options.js';
import type { Wanted } from './pictures.js';

/** What a thread that reads pictures is asked for. */
export type Job =
  | { readonly kind: 'read'; readonly paths: readonly string[] }
  | { readonly kind: 'decode'; readonly wanted: readonly Wanted[] };

/** What became of a picture; null when it is no JPEG that most are, or there is anything odd about it. */
export type Outcome = { readonly picture: Uint8Array } | { readonly problem: string } | null;

/** One for each that was asked for. */
export type Answer<J extends Job> = J['kind'] extends 'read' ? Content[] : Outcome[];

/** Where a disk or a network is slow, so many files are asked for at a time. */
const LANES = 4;

const options = workerData as PictureOptions;
let decoder: ReturnType<typeof loadJpegDecoderSync> | undefined;

async function outcomeOf(wanted: Wanted): Promise<{ readonly picture: Uint8Array<ArrayBuffer> } | null> {
  decoder ??= loadJpegDecoderSync(options);
  const { bytes } = await readBytes(wanted.path);
  const picture = decoder(bytes);
  // Who decodes it then reads it again.
  if (picture === null) return null;
  checkSame(bytes, wanted);
  return { picture };
}

/** Does so many things, some at a time. What is thrown ends the thread, and is thrown by who asked for them. */
async function all<R>(count: number, work: (at: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(count);
  await inParallel([...results.keys()], LANES, async (at) => {
    results[at] = await work(at);
  });
  return results;
}

parentPort!.on('message', async ({ id, job }: { readonly id: number; readonly job: Job }) => {
  if (job.kind === 'read') {
    const { paths } = job;
    parentPort!.postMessage({ id, answer: await all(paths.length, (at) => contentOf(paths[at]!)) });
    return;
  }
  const { wanted } = job;
  const answer = await all(wanted.length, (at) => orProblem(() => outcomeOf(wanted[at]!)));
  const moved = answer.flatMap((own) => (own !== null && 'picture' in own ? [own.picture.buffer] : []));
  parentPort!.postMessage({ id, answer }, moved);
});
