import type { ImageShape } from '../../model/shape.js';
import { inputBytes, type PartsOfData, type Sample, samplesOf } from './samples.js';

/** A grid of so many cells, whose neighbours in a row are compared: 64 bits. */
const [COLUMNS, ROWS] = [9, 8];
/** Mean distance of bytes below which pictures look the same: about 3 %. */
const NEAR = 8;
/** So many pictures with the same bits are compared with one another; of more, most are plain ones. */
const MOST_IN_GROUP = 40;

/**
 * Finds pictures of different parts that are nearly the same: those whose brightness rises and falls between the same cells of a
 * 9 x 8 grid (a difference hash), and whose bytes differ by less than 3 % on average. Exact copies are not among them.
 *
 * @param parts of a data set of pictures
 * @returns pairs
 * @source "Kind of Like That", N. Krawetz, 2013: dHash
 */
export function lookAlikes(parts: PartsOfData): [Sample, Sample][] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samplesOf(parts)) {
    const { dataset, record } = sample;
    const bits = differenceHash(inputBytes(dataset, record), dataset.spec.input as ImageShape);
    if (bits === null) continue;
    const group = groups.get(bits);
    if (group) group.push(sample);
    else groups.set(bits, [sample]);
  }
  const pairs: [Sample, Sample][] = [];
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const some = group.slice(0, MOST_IN_GROUP);
    for (const [i, a] of some.entries()) {
      for (const b of some.slice(i + 1)) {
        if (a.part === b.part) continue;
        const distance = meanDistance(inputBytes(a.dataset, a.record), inputBytes(b.dataset, b.record));
        if (distance > 0 && distance < NEAR) pairs.push([a, b]);
      }
    }
  }
  return pairs;
}

/** null: too plain to tell. */
function differenceHash(bytes: Uint8Array, { width, height, channels }: ImageShape): string | null {
  const cells = new Float64Array(COLUMNS * ROWS);
  const counts = new Float64Array(COLUMNS * ROWS);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * ROWS) / height) * COLUMNS + Math.floor((x * COLUMNS) / width);
      for (let c = 0; c < channels; c++) cells[cell]! += bytes[(y * width + x) * channels + c]!;
      counts[cell]! += channels;
    }
  }
  let [bits, rising] = ['', 0];
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS - 1; column++) {
      const at = row * COLUMNS + column;
      const rises = cells[at + 1]! / (counts[at + 1]! || 1) > cells[at]! / (counts[at]! || 1);
      bits += rises ? '1' : '0';
      if (rises) rising += 1;
    }
  }
  return rising < 4 || rising > 60 ? null : bits;
}

function meanDistance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}
