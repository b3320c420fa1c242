import { describe, expect, it } from 'vitest';
import { pictureLines } from '../../../src/cli/explain/picture.js';
import type { Io } from '../../../src/cli/io.js';

/** Two by two: red, white; black, blue. */
const PICTURE = {
  ...({ kind: 'picture', channels: 3, height: 2, width: 2, says: '' } as const),
  pixels: [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 255],
};

const on = (depth: number, colored = true) =>
  ({ style: { out: { colored } }, stdout: { getColorDepth: () => depth } }) as unknown as Pick<
    Io,
    'style' | 'stdout'
  >;

describe('a picture in characters', () => {
  it('has two pixels in each, in 24-bit colours or the nearest of 256', () => {
    expect(pictureLines(PICTURE, 20, on(24))).toEqual([
      '\u001b[38;2;255;0;0;48;2;0;0;0m▀\u001b[38;2;255;255;255;48;2;0;0;255m▀\u001b[0m',
    ]);
    expect(pictureLines(PICTURE, 20, on(8))).toEqual([
      '\u001b[38;5;196;48;5;16m▀\u001b[38;5;231;48;5;21m▀\u001b[0m',
    ]);
  });

  it('has shades where there are no colours, or too few', () => {
    expect(pictureLines(PICTURE, 20, on(1, false))).toEqual(['.+']);
    expect(pictureLines(PICTURE, 20, on(4))).toEqual(['.+']);
  });

  it('is made smaller where it is too wide, each cell the mean of what it covers, and takes grey', () => {
    const pixels = Array.from({ length: 8 * 8 }, (_, i) => (i % 8 < 4 ? 0 : 255));
    const grey = { ...PICTURE, channels: 1, height: 8, width: 8, pixels };
    expect(pictureLines(grey, 4, on(1, false))).toEqual(['  @@', '  @@']);
    expect(pictureLines(grey, 1, on(24))).toEqual(['\u001b[38;2;128;128;128;48;2;128;128;128m▀\u001b[0m']);
  });
});
