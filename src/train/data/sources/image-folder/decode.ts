import type { Sharp, SharpOptions } from 'sharp';
import { availableCores } from '../../../../base/cores.js';
import { LossnetError } from '../../../../base/errors.js';
import { BadPicture } from './file.js';
import { formatOf } from './format.js';
import { greyOf, loadJpegDecoder } from './jpeg-decoder.js';
import { bytesOfPicture, coloursOf, MOST_PIXELS, type PictureOptions, sizeOf } from './options.js';

/** Turns a file's bytes into a picture of one size, [height, width, channels]. */
export interface Decoder {
  /**
   * Several may be decoded at a time.
   *
   * @returns the picture; null when there is anything odd about it, so that it is to be decoded alone
   * @throws BadPicture when they are no picture at all
   */
  together(bytes: Buffer): Promise<Uint8Array | null>;
  /**
   * What libvips says of a picture stands in one place for all of its threads: only of one that is decoded while no other is, it is
   * sure what is wrong with it, and whether that is harmless.
   *
   * @throws BadPicture when they are none, or damaged
   */
  alone(bytes: Buffer): Promise<Uint8Array>;
}

/** Node has so many threads for work such as this, unless UV_THREADPOOL_SIZE says otherwise. */
const NODE_THREADS = 4;

const FITS = { cover: 'cover', contain: 'contain', stretch: 'fill' } as const;

/** What libjpeg only warns of and yet means that a part of the picture is not what it was. */
const LOST = /premature end|bad huffman|corrupt jpeg data(?!.*extraneous)/i;

/**
 * Loads what decodes pictures.
 *
 *     orientation of EXIF, colours to sRGB by their profile, transparency over the background, resize, bytes
 *
 * Smaller ones are made with a triangle filter as wide as the step, as `antialias=True` of PyTorch's bilinear interpolation. Most
 * JPEGs are decoded by libjpeg-turbo and resized as Pillow does, all else by libvips. Grey is (299 red + 587 green + 114 blue) / 1000, as ITU-R 601-2 has it and Pillow and torchvision do.
 *
 * @param options what pictures become
 * @returns the decoder; the same bytes give the same picture
 * @throws LossnetError `LOSSNET_DATA_DECODER` when the library for it is not installed for this machine
 */
export async function loadDecoder(options: PictureOptions): Promise<Decoder> {
  const sharp = await loadSharp();
  const jpeg = loadJpegDecoder(options);
  const { height, width } = sizeOf(options);
  const [red, green, blue] = coloursOf(options.background);
  const background = { r: red, g: green, b: blue };
  const resize = {
    ...{ height, width, fit: FITS[options.resize], kernel: 'linear' as const, background },
    // Else a JPEG may be decoded at hardly more than the size that it is to have, and becomes coarser.
    fastShrinkOnLoad: false,
  } as const;
  const decode = (bytes: Buffer, failOn: NonNullable<SharpOptions['failOn']>): Promise<Decoded> => {
    const picture = sharp(bytes, {
      limitInputPixels: MOST_PIXELS,
      failOn,
      sequentialRead: true,
      autoOrient: true,
    });
    const isFast = options.decode === 'fast' && isPlainJpeg(bytes);
    return (isFast ? picture : picture.pipelineColourspace('srgb'))
      .flatten({ background })
      .resize(resize)
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
  };
  const finish = ({ data, info }: Decoded): Uint8Array => {
    const expected = height * width * 3;
    if (info.channels !== 3 || data.length !== expected) {
      throw new Error(`A picture came out as ${info.width} x ${info.height} x ${info.channels}.`);
    }
    return options.channels === 3 ? data : greysOf(data, bytesOfPicture(options));
  };
  const formatName = (bytes: Buffer): string => {
    const format = formatOf(bytes);
    if (!format.isRead) throw new BadPicture(format.problem);
    return format.name;
  };
  return {
    async together(bytes) {
      const soon = await jpeg(bytes);
      if (soon !== null) return soon;
      formatName(bytes);
      const decoded = await decode(bytes, 'warning').catch(() => null);
      return decoded && finish(decoded);
    },
    async alone(bytes) {
      const soon = await jpeg(bytes);
      if (soon !== null) return soon;
      const name = formatName(bytes);
      const decoded = await attempt(decode, bytes).catch(async (error: Error) => {
        throw await wordsFor(error, name, sharp(bytes, { limitInputPixels: false }));
      });
      return finish(decoded);
    },
  };
}

/** Of 8 bits, without a colour profile, no CMYK: its colours need not be converted, so that libvips may decode it smaller. */
function isPlainJpeg(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && !bytes.includes('ICC_PROFILE') && !bytes.includes('Adobe');
}

/**
 * How many pictures are decoded at a time: twice as many as there are cores, so that none waits for a file, as far as Node has
 * threads for them.
 */
export function lanes(): number {
  const most = Number(process.env.UV_THREADPOOL_SIZE) || NODE_THREADS;
  return Math.max(1, Math.min(2 * availableCores(), most));
}

interface Decoded {
  readonly data: Buffer;
  readonly info: { readonly width: number; readonly height: number; readonly channels: number };
}

/** Harmless oddities, such as bytes between two parts of a file, do not make a picture a broken one. */
async function attempt(
  decode: (bytes: Buffer, failOn: 'warning' | 'error') => Promise<Decoded>,
  bytes: Buffer,
): Promise<Decoded> {
  try {
    return await decode(bytes, 'warning');
  } catch (error) {
    if (LOST.test((error as Error).message)) throw error;
    return await decode(bytes, 'error');
  }
}

async function wordsFor(error: Error, format: string, header: Sharp): Promise<BadPicture> {
  if (/pixel limit/.test(error.message)) {
    const { width, height } = await header.metadata().catch(() => ({ width: 0, height: 0 }));
    const size = width === 0 ? 'more pixels' : `${width} x ${height} pixels`;
    return new BadPicture(`has ${size}; at most ${MOST_PIXELS / 1e6} million are decoded`);
  }
  const [first = ''] = error.message.split('\n');
  return new BadPicture(`is a damaged ${format} file: ${first.replace(/^\w+: /, '').replace(/\.$/, '')}`);
}

type SharpModule = typeof import('sharp').default;

let loaded: SharpModule | undefined;

/** Loaded by the first picture: other commands need not wait for it. */
export async function loadSharp(): Promise<SharpModule> {
  if (loaded !== undefined) return loaded;
  try {
    const { default: sharp } = await import('sharp');
    // No picture is decoded twice. Several are at a time: each has a thread of its own.
    sharp.cache(false);
    sharp.concurrency(1);
    loaded = sharp;
    return sharp;
  } catch (error) {
    const [first] = (error as Error).message.split('\n');
    throw new LossnetError(
      'LOSSNET_DATA_DECODER',
      `sharp, which decodes pictures, cannot be loaded: ${first}`,
      'Install it for this machine, in the folder of lossnet: npm install --include=optional --ignore-scripts sharp',
      { cause: error },
    );
  }
}

/** Of red, green and blue. */
function greysOf(colours: Uint8Array, length: number): Uint8Array {
  const grey = new Uint8Array(length);
  for (let i = 0; i < length; i++)
    grey[i] = greyOf(colours[3 * i]!, colours[3 * i + 1]!, colours[3 * i + 2]!);
  return grey;
}
