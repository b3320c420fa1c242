import type { RandomStream } from '../random.js';

/** What happens to an image's bytes on their way into a batch, in this order; null or absent: nothing. */
export interface BatchTransforms {
  /** Pad with black on every side, then cut a window of the image's own size at a random place. */
  readonly randomCrop?: { readonly padding: number } | null;
  /** Mirror left to right with probability p. */
  readonly randomFlip?: { readonly p: number } | null;
  /** Divide by 255; default true. */
  readonly scale?: boolean;
  /** Per channel, on pixels in [0, 1], or in [0, 255] without scale. */
  readonly normalize?: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
}

/** The extent of every image of a data set. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * The float value of each byte, per channel, rounded to float32 wherever PyTorch rounds.
 *
 *     byte / 255,   then (x - mean) / std
 *
 * @param channels number of channels
 * @param transforms scale, default true: whether to divide by 255; normalize, default null: mean and standard
 * deviation per channel
 * @returns a table of 256 values per channel
 * @source torchvision.transforms.ToTensor, torchvision.transforms.Normalize
 */
export function pixelTables(
  channels: number,
  { scale = true, normalize }: Pick<BatchTransforms, 'scale' | 'normalize'>,
): Float32Array[] {
  const { fround } = Math;
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: 256 }, (_byte, byte) => {
      const pixel = scale ? fround(byte / 255) : byte;
      if (!normalize) return pixel;
      return fround(fround(pixel - fround(normalize.mean[channel]!)) / fround(normalize.std[channel]!));
    }),
  );
}

/**
 * Writes one image's float values into a batch.
 *
 * @param target [height, width, channels] of the batch
 * @param image [height, width, channels], bytes
 * @param tables from `pixelTables`, one per channel
 */
export function writePixels(target: Float32Array, image: Uint8Array, tables: readonly Float32Array[]): void {
  const channels = tables.length;
  for (let channel = 0; channel < channels; channel++) {
    const table = tables[channel]!;
    for (let at = channel; at < image.length; at += channels) target[at] = table[image[at]!]!;
  }
}

/**
 * Crops at random: pads with black, then cuts a window of the image's own size. It works on bytes, so what is
 * black is normalised later like any other pixel.
 *
 *     out[y, x] = image[y + top, x + left],   top and left uniform in -padding … padding;   0 outside
 *
 * @param target [height, width, channels], overwritten
 * @param image [height, width, channels]
 * @param size the image's extent
 * @param padding pixels on each side
 * @param random decides where
 * @source torchvision.transforms.RandomCrop with `padding`
 */
export function cropAtRandom(
  target: Uint8Array,
  image: Uint8Array,
  { height, width, channels }: ImageSize,
  padding: number,
  random: RandomStream,
): void {
  const top = random.integer(2 * padding + 1) - padding;
  const left = random.integer(2 * padding + 1) - padding;
  const stride = width * channels;
  const into = Math.max(0, -left) * channels;
  const from = Math.max(0, left) * channels;
  const length = (width - Math.abs(left)) * channels;
  target.fill(0);
  // A padding as large as the image allows windows that hold nothing of it.
  if (length <= 0) return;
  for (let y = Math.max(0, -top); y < Math.min(height, height - top); y++) {
    const start = (y + top) * stride + from;
    target.set(image.subarray(start, start + length), y * stride + into);
  }
}

/**
 * Mirrors an image left to right, in place.
 *
 * @param image [height, width, channels]
 * @param size the image's extent
 * @source torchvision.transforms.RandomHorizontalFlip
 */
export function flip(image: Uint8Array, { height, width, channels }: ImageSize): void {
  const stride = width * channels;
  for (let row = 0; row < height * stride; row += stride) {
    let right = row + stride - channels;
    for (let left = row; left < right; left += channels) {
      for (let channel = 0; channel < channels; channel++) {
        const byte = image[left + channel]!;
        image[left + channel] = image[right + channel]!;
        image[right + channel] = byte;
      }
      right -= channels;
    }
  }
}
