import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseIdx } from '../../../../../src/train/data/sources/mnist/idx.js';

const head = (type: number, ...shape: number[]) => [
  ...[0, 0, type, shape.length],
  ...shape.flatMap((length) => [length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]),
];

describe("MNIST's own format", () => {
  it('is read as it is and packed', async () => {
    const bytes = Uint8Array.of(...head(8, 2, 1, 3), 1, 2, 3, 4, 5, 6);
    for (const content of [bytes, gzipSync(bytes)]) {
      const { shape, bytes: values } = await parseIdx(content);
      expect([shape, [...values]]).toEqual([
        [2, 1, 3],
        [1, 2, 3, 4, 5, 6],
      ]);
    }
  });

  it.each([
    ['nothing', [], /does not begin with two zero bytes/],
    ['something else', [137, 80, 78, 71, 13, 10], /does not begin with two zero bytes/],
    ['floats', [...head(13, 1), 0, 0, 0, 0], /values are of type 13; expected 8/],
    ['no dimensions', head(8), /ends within its head/],
    ['half a head', head(8, 2, 3).slice(0, 9), /ends within its head/],
    ['too few values', [...head(8, 2, 2), 1, 2, 3], /tells of 2 x 2 values, 4 bytes, and 3 follow/],
    ['too many values', [...head(8, 2), 1, 2, 3], /tells of 2 values, 2 bytes, and 3 follow/],
    ['an absurd size', [...head(8, 0xffffffff, 0xffffffff), 1], /tells of 4294967295 x 4294967295/],
  ])('%s is refused', async (_, bytes, message) => {
    await expect(parseIdx(Uint8Array.from(bytes))).rejects.toThrow(message);
  });

  it('a damaged package, and one that would fill the memory, are refused', async () => {
    const packed = gzipSync(Uint8Array.of(...head(8, 4), 1, 2, 3, 4));
    await expect(parseIdx(packed.subarray(0, packed.length - 9))).rejects.toThrow(/cannot be unpacked/);
    await expect(parseIdx(gzipSync(Buffer.alloc(2 ** 27 + 1)))).rejects.toThrow(/cannot be unpacked/);
  });
});
