import { LossnetError } from '../../base/errors.js';
import { inParallel } from '../../base/parallel.js';
import { kindOf } from '../../base/read.js';
import type { Config } from '../../config/index.js';
import { type Decoder, lanes, loadDecoder } from '../../train/data/sources/image-folder/decode.js';
import { BadPicture, readPicture } from '../../train/data/sources/image-folder/file.js';
import { formatOf } from '../../train/data/sources/image-folder/format.js';
import { MOST_FILE_BYTES, type PictureOptions } from '../../train/data/sources/image-folder/options.js';
import { nothingFound, walk } from '../../train/data/sources/image-folder/walk.js';
import type { ImageShape } from '../../train/model/shape.js';
import type { Chunks, PredictOptions } from './result.js';
import { AT_ONCE, errorText, type Sample, type SampleStream } from './samples.js';
import { allOf, nothingCame, STDIN, streamOf } from './stdin.js';

/** How a picture becomes an input: as in training, or, where that decoded none, cut to the shape of its images. */
export function pictureOptions({ dataset }: Config, { height, width, channels }: ImageShape): PictureOptions {
  if (dataset.type === 'image_folder') return dataset;
  return {
    imageSize: [height, width],
    resize: 'cover',
    channels: channels === 1 ? 1 : 3,
    background: 0,
    decode: 'exact',
  };
}

/**
 * Pictures in files, in folders and in those within them; `-` is a picture, or a list of paths, one in a line.
 *
 * @param inputs as they were named
 * @param options how pictures become inputs
 * @param about stdin
 * @returns yields them decoded
 */
export async function* pictures(
  inputs: readonly string[],
  options: PictureOptions,
  { stdin }: Pick<PredictOptions, 'stdin'>,
): SampleStream {
  const decoder = await loadDecoder(options);
  for (const input of inputs) {
    if (input === STDIN) yield* fromStream(decoder, streamOf(stdin));
    else yield* fromPath(decoder, input);
  }
}

async function* fromPath(decoder: Decoder, input: string): SampleStream {
  try {
    const files = kindOf(input) === 'folder' ? walk(input, nothingFound(), new Set()) : [input];
    if (files.length > 0) yield* decoded(decoder, files);
    else yield [{ input, error: 'there is no picture in this folder' }];
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    yield [{ input, error: errorText(error) }];
  }
}

async function* decoded(decoder: Decoder, files: readonly string[]): SampleStream {
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const names = files.slice(first, first + AT_ONCE);
    const samples = new Array<Sample | null>(names.length).fill(null);
    const each = async (at: number, decode: (bytes: Buffer) => Promise<Uint8Array | null>) => {
      samples[at] = await sampleOf(
        names[at]!,
        async () => await decode((await readPicture(names[at]!)).bytes),
      );
    };
    const all = [...names.keys()];
    await inParallel(all, lanes(), (at) => each(at, decoder.together));
    // One with anything odd about it is decoded while no other is: see `Decoder`.
    const odd = all.filter((at) => samples[at] === null);
    await inParallel(odd, 1, (at) => each(at, decoder.alone));
    yield samples.map((sample) => sample!);
  }
}

async function sampleOf(input: string, read: () => Promise<Uint8Array | null>): Promise<Sample | null> {
  try {
    const inputs = await read();
    return inputs && { input, inputs };
  } catch (error) {
    if (!(error instanceof BadPicture)) throw error;
    return { input, error: error.message };
  }
}

async function* fromStream(decoder: Decoder, stdin: Chunks): SampleStream {
  const chunks = stdin[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) throw nothingCame();
  const start = Buffer.from(first.value);
  const rest = { [Symbol.asyncIterator]: () => chunks };
  // No path begins as a picture does.
  const isPicture = formatOf(start).isRead || start.includes(0);
  if (isPicture) {
    const bytes = await allOf(joinedWith(start, rest), MOST_FILE_BYTES);
    const sample = await sampleOf(STDIN, () => decoder.alone(bytes));
    yield [sample!];
    return;
  }
  let line = '';
  // A character may lie in two chunks.
  const decodeText = new TextDecoder();
  for await (const chunk of joinedWith(start, rest)) {
    const lines = `${line}${decodeText.decode(chunk, { stream: true })}`.split('\n');
    line = lines.pop()!;
    yield* decoded(decoder, pathsIn(lines));
  }
  yield* decoded(decoder, pathsIn([line]));
}

const pathsIn = (lines: readonly string[]) =>
  lines.map((path) => path.replace(/\r$/, '')).filter((path) => path !== '');

async function* joinedWith(start: Buffer, rest: Chunks): AsyncGenerator<Buffer> {
  yield start;
  for await (const chunk of rest) yield Buffer.from(chunk);
}
