import type { SplitOptions } from '../../split.js';

/** How a picture becomes an input of the model: what its bytes are follows from its content and these alone. */
export interface PictureOptions {
  /** Height and width; one number: both. */
  readonly imageSize: number | readonly [height: number, width: number];
  /** Cut off what is too long, add a border, or change the shape. */
  readonly resize: 'cover' | 'contain' | 'stretch';
  /** Colours, or shades of grey. */
  readonly channels: 1 | 3;
  /** What shows through what is transparent, and what a border is of: a grey, or red, green and blue, 0 to 255. */
  readonly background: number | readonly [red: number, green: number, blue: number];
  /**
   * Whether a JPEG of more than a million pixels is decoded whole, or without the frequencies that are lost anyway: at a half, a
   * quarter or an eighth of its size, yet at least twice as large as it is to be.
   */
  readonly decode: 'exact' | 'fast';
}

/** Pictures in class folders, or listed with their labels. */
export interface ImageFolderOptions extends PictureOptions {
  readonly type: 'image_folder';
  readonly root: string;
  /** A table with the columns `path` and `label`, in the place of class folders. */
  readonly labels: string | null;
  /** What to do about pictures that cannot be decoded: refuse them all, or leave them out. */
  readonly onError: 'fail' | 'skip';
  /** How those are shared out that no folder shares out. */
  readonly split: SplitOptions & { readonly by: 'hash' | 'random' };
  readonly cache: CacheOptions;
}

/** Where decoded pictures are kept from run to run. */
export interface CacheOptions {
  readonly enabled: boolean;
  /** What all data sets together may take, in GB. */
  readonly maxGb: number;
}

/** Pictures with more pixels are refused before they are decoded: a file of a few KB may unpack to gigabytes. */
export const MOST_PIXELS = 100_000_000;
/** Larger files are refused before they are read. */
export const MOST_FILE_BYTES = 100_000_000;
/** Decoded pictures up to this are held in memory, more are read from the cache as they are needed. */
export const MOST_IN_MEMORY = 500_000_000;

/** What a picture becomes: its height and width. */
export function sizeOf({ imageSize }: Pick<PictureOptions, 'imageSize'>): {
  readonly height: number;
  readonly width: number;
} {
  if (typeof imageSize === 'number') return { height: imageSize, width: imageSize };
  const [height, width] = imageSize;
  return { height, width };
}

/** A grey is as much of each colour. */
export function coloursOf(background: PictureOptions['background']): readonly [number, number, number] {
  return typeof background === 'number' ? [background, background, background] : background;
}

/** How many bytes a decoded picture takes. */
export function bytesOfPicture(options: Pick<PictureOptions, 'imageSize' | 'channels'>): number {
  const { height, width } = sizeOf(options);
  return height * width * options.channels;
}
