import { plainJpeg } from './jpeg.js';
import { loadTurbo } from './jpeg-binding.js';
import { bytesOfPicture, coloursOf, type PictureOptions, sizeOf } from './options.js';
import {
  type Frame,
  frameOf,
  type Levels,
  Resampler,
  type Resized,
  type Weights,
  weightsFor,
} from './resample.js';

/** From more pixels on it takes less time to decode a picture at a fraction of its size, which libvips does. */
const MOST_PIXELS_FAST = 1_000_000;
/** Larger ones would take too much memory, as several are decoded at a time: libvips needs but a few lines of them. */
const MOST_PIXELS_WHOLE = 16_000_000;
/** Folders have pictures of a few sizes, or each of another. */
const MOST_SIZES_KEPT = 256;

/**
 * The fast transform of libjpeg-turbo cuts off where the slow one, Pillow's, rounds: brightness and both differences of colour are
 * half a level too small on average. As red = Y + 1.402 Cr, green = Y - 0.344 Cb - 0.714 Cr and blue = Y + 1.772 Cb, that is what the
 * colours lack.
 */
const LOST: Levels = [0.5 * (1 + 1.402), 0.5 * (1 - 0.344_14 - 0.714_14), 0.5 * (1 + 1.772)];
const LOST_OF_GREY: Levels = [0.5, 0.5, 0.5];

/** How a picture of some size is made smaller. */
interface Plan {
  readonly frame: Frame;
  readonly across: Weights;
  readonly down: Weights;
}

/** A picture on its way: what is decoded into which memory, and what it becomes then. */
interface Work {
  readonly room: Buffer;
  /** @returns the picture; null where it is not as large as its header says */
  finish(decoded: { readonly width: number; readonly height: number }): Uint8Array<ArrayBuffer> | null;
  end(): void;
}

/**
 * Loads what decodes the JPEGs that most are: by libjpeg-turbo, in a third of the time that a pipeline of libvips takes for a small
 * one, and then resized as Pillow does, to the bit.
 *
 * @param options what pictures become
 * @returns decodes one, several at a time; null where it is not such a JPEG or not sound, so that libvips is to look at it
 * @throws LossnetError `LOSSNET_DATA_DECODER` when the library for it is not there for this machine
 */
export function loadJpegDecoder(options: PictureOptions): (bytes: Buffer) => Promise<Uint8Array | null> {
  const turbo = loadTurbo();
  const begin = workFor(options);
  return async (bytes) => {
    const work = begin(bytes);
    if (work === null) return null;
    try {
      return work.finish(await turbo.decompress(bytes, work.room, { format: turbo.FORMAT_RGB }));
    } catch {
      // It is damaged, or odd: what is wrong with it, and whether that is harmless, is libvips's to say.
      return null;
    } finally {
      work.end();
    }
  };
}

/** The same, decoded at once in the thread that asks for it: for one that has nothing else to do. */
export function loadJpegDecoderSync(
  options: PictureOptions,
): (bytes: Buffer) => Uint8Array<ArrayBuffer> | null {
  const turbo = loadTurbo();
  const begin = workFor(options);
  return (bytes) => {
    const work = begin(bytes);
    if (work === null) return null;
    try {
      return work.finish(turbo.decompressSync(bytes, work.room, { format: turbo.FORMAT_RGB }));
    } catch {
      return null; // Likewise.
    } finally {
      work.end();
    }
  };
}

/** @returns what begins with a picture; null for one that is not such a JPEG */
function workFor(options: PictureOptions): (bytes: Buffer) => Work | null {
  const size = sizeOf(options);
  const colours = coloursOf(options.background);
  const most = options.decode === 'fast' ? MOST_PIXELS_FAST : MOST_PIXELS_WHOLE;
  const plans = new Map<string, Plan>();
  const planFor = (width: number, height: number): Plan => {
    const key = `${width} ${height}`;
    const known = plans.get(key);
    if (known !== undefined) return known;
    if (plans.size >= MOST_SIZES_KEPT) plans.clear();
    const frame = frameOf(width, height, size, options.resize);
    const [left, top, right, bottom] = frame.box;
    const plan = {
      frame,
      across: weightsFor(width, left, right, frame.width),
      down: weightsFor(height, top, bottom, frame.height),
    };
    plans.set(key, plan);
    return plan;
  };
  /** Those that no picture is in. */
  const free: Resampler[] = [];
  return (bytes) => {
    const plain = plainJpeg(bytes);
    if (plain === null || plain.width * plain.height > most) return null;
    const { width, height } = plain;
    const resampler = free.pop() ?? new Resampler();
    return {
      room: resampler.room(width, height),
      finish(decoded) {
        if (decoded.width !== width || decoded.height !== height) return null;
        const { frame, across, down } = planFor(width, height);
        const small = resampler.resize(width, height, across, down, plain.isGrey ? LOST_OF_GREY : LOST);
        return framed(small, frame, { ...size, colours, isGrey: options.channels === 1 });
      },
      end: () => free.push(resampler),
    };
  };
}

/** Takes the fourth byte of each pixel away, makes it grey, and puts it where it belongs. */
function framed(
  { pixels, line }: Resized,
  frame: Frame,
  to: {
    readonly width: number;
    readonly height: number;
    readonly colours: readonly [number, number, number];
    readonly isGrey: boolean;
  },
): Uint8Array<ArrayBuffer> {
  const channels = to.isGrey ? 1 : 3;
  const result = new Uint8Array(bytesOfPicture({ imageSize: [to.height, to.width], channels }));
  const [red, green, blue] = to.colours;
  if (frame.width < to.width || frame.height < to.height) {
    const border = to.isGrey ? [greyOf(red, green, blue)] : to.colours;
    for (let i = 0; i < result.length; i++) result[i] = border[i % channels]!;
  }
  for (let y = 0; y < frame.height; y++) {
    let from = y * line;
    let at = ((frame.top + y) * to.width + frame.left) * channels;
    for (let x = 0; x < frame.width; x++, from += 4) {
      if (to.isGrey) {
        result[at++] = greyOf(pixels[from]!, pixels[from + 1]!, pixels[from + 2]!);
      } else {
        result[at++] = pixels[from]!;
        result[at++] = pixels[from + 1]!;
        result[at++] = pixels[from + 2]!;
      }
    }
  }
  return result;
}

/** Rounded as Pillow does: in 16 bits, so that a grey stays what it is. */
export function greyOf(red: number, green: number, blue: number): number {
  return (red * 19_595 + green * 38_470 + blue * 7_471 + 32_768) >> 16;
}
