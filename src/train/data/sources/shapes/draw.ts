import { createHash } from 'node:crypto';
import { LossnetError } from '../../../../base/errors.js';
import { RandomStream } from '../../../random.js';
import type { DataSpec, Dataset, Split } from '../../dataset.js';
import { SHAPE_KINDS, type SignedDistance } from './kinds.js';

/** Which generated images to make. */
export interface ShapesRequest {
  /** Decides every image. The same seed always gives the same data, on every machine. */
  readonly seed: number;
  /** `train` and `test` draw from independent streams: they share no image. */
  readonly split: Split;
  /** The number of images. */
  readonly size: number;
  /** The name of the data set that these images stand in for, if they do. */
  readonly standsInFor?: string;
}

const SIDE = 32;
const CHANNELS = 3;
const BYTES_PER_IMAGE = SIDE * SIDE * CHANNELS;

export const SHAPES_SPEC: DataSpec = {
  name: 'shapes',
  input: { kind: 'image', channels: CHANNELS, height: SIDE, width: SIDE },
  target: { kind: 'class', names: SHAPE_KINDS.map(({ name }) => name) },
};

/** In pixels. Smaller shapes, more noise or less contrast and the tutorial's CNN learns nothing in its 20 epochs. */
const SMALLEST_RADIUS = 9.5;
const LARGEST_RADIUS = 13;
/** Pixels between the circle around the shape and the image's border, so that no shape is cut. */
const MARGIN = 1;
/** Channels of the background stay below the one, those of the shape at or above the other: it is always brighter. */
const DARK = 100;
const BRIGHT = 130;
/** Greatest deviation of a pixel by noise, in grey levels, itself different in each image. */
const LEAST_NOISE = 8;
const MOST_NOISE = 40;

/**
 * Makes labelled images of ten kinds of shapes, 3x32x32: the data set that needs nothing, neither network nor
 * disk, and is hard enough that optimizers differ on it.
 *
 * Each image has one shape, brighter than its background, anywhere, turned at random, under noise:
 *
 *     pixel = background + (foreground - background) * clamp(1/2 - d * radius, 0, 1) + noise
 *
 * where d is the signed distance to the shape's outline in units of its radius: edges are smooth without
 * supersampling. Record i is a function of (seed, split, i) alone, so a larger set begins with a smaller one.
 * The kinds take turns: record i is of kind i mod 10, and every size divisible by ten is balanced.
 *
 * @param options seed, split and size
 * @returns the images as [size, 32, 32, 3] bytes, with targets and the class names
 * @throws LossnetError `LOSSNET_DATA_OPTION` when the size is not a positive integer
 */
export function generateShapes({
  seed,
  split,
  size,
  standsInFor,
}: ShapesRequest): Dataset & { readonly inputs: Uint8Array } {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new LossnetError('LOSSNET_DATA_OPTION', `shapes: size is ${size}, but must be a positive integer.`);
  }
  const inputs = new Uint8Array(size * BYTES_PER_IMAGE);
  const targets = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const kind = i % SHAPE_KINDS.length;
    targets[i] = kind;
    const image = inputs.subarray(i * BYTES_PER_IMAGE, (i + 1) * BYTES_PER_IMAGE);
    drawImage(image, SHAPE_KINDS[kind]!.distance, new RandomStream(seed, 'shapes', split, i));
  }
  return {
    identity: {
      name: SHAPES_SPEC.name,
      split,
      source: 'generated',
      records: size,
      sha256: createHash('sha256').update(inputs).update(targets).digest('hex'),
      ...(standsInFor === undefined ? {} : { standsInFor }),
    },
    spec: SHAPES_SPEC,
    inputs,
    targets,
  };
}

/** Draws one image. Every draw from the stream stands here, in this order: it is part of the data's definition. */
function drawImage(image: Uint8Array, distance: SignedDistance, random: RandomStream): void {
  const radius = random.uniform(SMALLEST_RADIUS, LARGEST_RADIUS);
  const centreX = random.uniform(radius + MARGIN, SIDE - radius - MARGIN);
  const centreY = random.uniform(radius + MARGIN, SIDE - radius - MARGIN);
  const angle = random.uniform(0, 2 * Math.PI);
  const background = randomColour(random, 0, DARK);
  const foreground = randomColour(random, BRIGHT, 256);
  const noise = random.uniform(LEAST_NOISE, MOST_NOISE) / 31;

  const [red, green, blue] = background;
  const [moreRed, moreGreen, moreBlue] = [foreground[0] - red, foreground[1] - green, foreground[2] - blue];
  const cos = Math.cos(angle) / radius;
  const sin = Math.sin(angle) / radius;
  const reach = (radius + MARGIN) ** 2;
  let at = 0;
  for (let y = 0; y < SIDE; y++) {
    const dy = y + 0.5 - centreY;
    for (let x = 0; x < SIDE; x++) {
      const dx = x + 0.5 - centreX;
      let coverage = 0;
      if (dx * dx + dy * dy < reach) {
        const d = distance(cos * dx + sin * dy, cos * dy - sin * dx);
        coverage = Math.min(Math.max(0.5 - d * radius, 0), 1);
      }
      // Two uniform numbers of five bits add up to triangular noise: one draw is enough for a pixel's channels.
      const bits = random.bits();
      image[at] = toByte(red + moreRed * coverage + triangle(bits >>> 2) * noise);
      image[at + 1] = toByte(green + moreGreen * coverage + triangle(bits >>> 12) * noise);
      image[at + 2] = toByte(blue + moreBlue * coverage + triangle(bits >>> 22) * noise);
      at += CHANNELS;
    }
  }
}

/** Triangular noise in -31 … 31 from the lowest ten bits. */
function triangle(bits: number): number {
  return (bits & 31) + ((bits >>> 5) & 31) - 31;
}

function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
}

/** A colour whose channels lie in [low, high). */
function randomColour(random: RandomStream, low: number, high: number): [number, number, number] {
  const channel = () => low + random.integer(high - low);
  return [channel(), channel(), channel()];
}
