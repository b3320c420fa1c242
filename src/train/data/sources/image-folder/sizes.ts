import { loadSharp } from './decode.js';
import { readPicture } from './file.js';
import { MOST_PIXELS } from './options.js';

/** So many pictures tell how large they all are. */
const SAMPLE = 60;

/** What pictures are like before they are decoded. */
export interface PictureSizes {
  /** The median, in pixels. */
  readonly shorterSide: number;
  /** Whether none of them has colours. */
  readonly areGrey: boolean;
}

/**
 * Looks at the headers of some pictures, evenly chosen. Those that cannot be read say nothing: training tells of them.
 *
 * @param paths of all pictures, at least one
 * @returns how large they are; 64 pixels where none can be read
 */
export async function sizesOf(paths: readonly string[]): Promise<PictureSizes> {
  const sharp = await loadSharp();
  const step = Math.max(1, paths.length / SAMPLE);
  const chosen = Array.from(
    { length: Math.min(SAMPLE, paths.length) },
    (_, i) => paths[Math.floor(i * step)]!,
  );
  const sides: number[] = [];
  let areGrey = true;
  for (const path of chosen) {
    try {
      const { bytes } = await readPicture(path);
      const { width, height, space } = await sharp(bytes, { limitInputPixels: MOST_PIXELS }).metadata();
      sides.push(Math.min(width, height));
      if (space !== 'b-w' && space !== 'grey16') areGrey = false;
    } catch {
      // Said when it is decoded.
    }
  }
  sides.sort((a, b) => a - b);
  const shorterSide = sides[Math.floor(sides.length / 2)] ?? 64;
  return { shorterSide, areGrey: areGrey && sides.length > 0 };
}
