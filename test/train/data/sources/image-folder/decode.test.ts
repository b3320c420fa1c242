import { readFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import { loadDecoder } from '../../../../../src/train/data/sources/image-folder/decode.js';
import type { PictureOptions } from '../../../../../src/train/data/sources/image-folder/options.js';
import {
  RESAMPLE_BINARY,
  RESAMPLE_SOURCE,
} from '../../../../../src/train/data/sources/image-folder/resample-kernel.js';
import { failure } from '../../helpers.js';
import { plain } from './helpers.js';

const PLAIN: PictureOptions = {
  imageSize: 4,
  resize: 'stretch',
  channels: 3,
  background: [10, 20, 30],
  decode: 'exact',
};

async function decoded(
  bytes: Buffer | Promise<Buffer>,
  own: Partial<PictureOptions> = {},
): Promise<number[]> {
  return [...(await (await loadDecoder({ ...PLAIN, ...own })).alone(await bytes))];
}

/** Its pixel at the left of the top, and at the right of the bottom. */
const corners = (pixels: number[], channels = 3) => [pixels.slice(0, channels), pixels.slice(-channels)];

/** A picture of these values in all of its pixels. */
function filled(
  values: readonly number[],
  depth: 'uchar' | 'ushort' = 'uchar',
  [width, height] = [8, 8],
): Sharp {
  const all = Array.from({ length: width! * height! }, () => values).flat();
  const data = depth === 'uchar' ? Uint8Array.from(all) : Uint16Array.from(all);
  return sharp(data, {
    raw: { width: width!, height: height!, channels: values.length as 1 | 2 | 3 | 4, depth } as never,
  });
}

const RGB = [200, 100, 50] as const;

describe('a picture', () => {
  it.each([
    ['PNG', filled(RGB).png(), [...RGB]],
    ['palette', filled(RGB).png({ palette: true }), [...RGB]],
    ['WebP', filled(RGB).webp({ lossless: true }), [...RGB]],
    ['GIF', filled(RGB).gif(), [...RGB]],
    ['TIFF', filled(RGB).tiff({ compression: 'lzw' }), [...RGB]],
    ['grey', filled([77]).toColourspace('b-w').png(), [77, 77, 77]],
    ['grey JPEG', filled([77]).toColourspace('b-w').jpeg({ quality: 100 }), [77, 77, 77]],
    ['16 bit', filled([65_535, 32_768, 257], 'ushort').toColourspace('rgb16').png(), [255, 128, 1]],
    ['16 bit TIFF', filled([65_535, 32_768, 257], 'ushort').toColourspace('rgb16').tiff(), [255, 128, 1]],
    ['grey of 16 bit', filled([32_768], 'ushort').toColourspace('grey16').png(), [128, 128, 128]],
    ['transparent', filled([...RGB, 0]).png(), [10, 20, 30]],
    ['half transparent', filled([210, 220, 230, 128]).png(), [110, 120, 130]],
    ['transparent palette', filled([...RGB, 0]).png({ palette: true }), [10, 20, 30]],
    ['transparent GIF', filled([...RGB, 0]).gif(), [10, 20, 30]],
    ['grey and transparent', filled([210, 0]).toColourspace('b-w').png(), [10, 20, 30]],
  ] as const)('%s is decoded', async (_, made, pixel) => {
    for (const corner of corners(await decoded(made.toBuffer()))) {
      for (const [i, value] of corner.entries()) expect(Math.abs(value - pixel[i]!)).toBeLessThanOrEqual(1);
    }
  });

  it('of CMYK has about its colours', async () => {
    const [[red, green, blue]] = corners(
      await decoded(filled([255, 0, 0]).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()),
    ) as [number[], number[]];
    expect([red! > 200, green! < 60, blue! < 60]).toEqual([true, true, true]);
  });

  it('of JPEG has about its colours', async () => {
    for (const [i, value] of (await decoded(filled(RGB).jpeg({ quality: 100 }).toBuffer())).entries()) {
      expect(Math.abs(value - RGB[i % 3]!)).toBeLessThanOrEqual(3);
    }
  });

  it('is turned as EXIF says', async () => {
    const wide = Uint8Array.from([255, 255, 255, 0, 0, 0]);
    const made = sharp(wide, { raw: { width: 2, height: 1, channels: 3 } }).withMetadata({ orientation: 6 });
    const pixels = await decoded(made.png().toBuffer(), { imageSize: [2, 1] });
    expect(pixels).toEqual([255, 255, 255, 0, 0, 0]);
    const flat = await decoded(made.png().toBuffer(), { imageSize: [1, 2] });
    expect(flat).toEqual([128, 128, 128, 128, 128, 128]);
  });

  it('of several frames is its first', async () => {
    const frames = sharp([await plain([250, 0, 0]), await plain([0, 0, 250])], { join: { animated: true } });
    expect((await decoded(frames.gif().toBuffer())).slice(0, 3)).toEqual([250, 0, 0]);
  });

  it('of a colour profile of its own is one of sRGB', async () => {
    const p3 = await filled([200, 100, 50]).withIccProfile('p3').png().toBuffer();
    const [pixel] = corners(await decoded(p3));
    for (const [i, value] of pixel!.entries()) expect(Math.abs(value - RGB[i]!)).toBeLessThanOrEqual(2);
  });

  it('is grey by the luma of ITU-R 601-2', async () => {
    const luma = Math.round((200 * 299 + 100 * 587 + 50 * 114) / 1000);
    expect(await decoded(filled(RGB).png().toBuffer(), { channels: 1 })).toEqual(new Array(16).fill(luma));
    expect(await decoded(filled([77]).png().toBuffer(), { channels: 1 })).toEqual(new Array(16).fill(77));
  });
});

describe('resize', () => {
  /** Red, green and blue bars, one above the other or side by side. */
  const bars = (isTall: boolean) => {
    const [width, height] = isTall ? [4, 12] : [12, 4];
    const pixels = Array.from({ length: 48 }, (_, i) => {
      const bar = isTall ? Math.floor(i / 16) : Math.floor((i % 12) / 4);
      return [0, 1, 2].map((channel) => (channel === bar ? 255 : 0));
    });
    const raw = { width, height, channels: 3 } as const;
    return sharp(Uint8Array.from(pixels.flat()), { raw }).png().toBuffer();
  };
  const dominant = (pixels: number[]) =>
    Array.from({ length: pixels.length / 3 }, (_, i) => {
      const own = pixels.slice(3 * i, 3 * i + 3);
      return own.join() === '10,20,30' ? '.' : 'rgb'[own.indexOf(Math.max(...own))]!;
    }).join('');

  it.each([false, true])('covers: what is too long is cut off on both sides (tall: %s)', async (isTall) => {
    expect(dominant(await decoded(bars(isTall), { resize: 'cover' }))).toBe('gggggggggggggggg');
  });

  it('contains: all of it, with a border of the background', async () => {
    expect(dominant(await decoded(bars(false), { resize: 'contain', imageSize: 6 }))).toBe(
      '............rrggbbrrggbb............',
    );
    expect(dominant(await decoded(bars(true), { resize: 'contain', imageSize: 3 }))).toBe('.r..g..b.');
  });

  it('has a border of the stated colours around a grey picture too', async () => {
    const grey = filled([77], 'uchar', [8, 4]).toColourspace('b-w').png().toBuffer();
    expect((await decoded(grey, { resize: 'contain' })).slice(0, 3)).toEqual([10, 20, 30]);
  });

  it('stretches: height and width each by their own', async () => {
    expect(dominant(await decoded(bars(false), { imageSize: [3, 3] }))).toBe('rgbrgbrgb');
    expect(dominant(await decoded(bars(true), { imageSize: [3, 3] }))).toBe('rrrgggbbb');
    expect(dominant(await decoded(bars(false), { imageSize: [1, 6] }))).toBe('rrggbb');
  });

  it('of a thin line takes no time', async () => {
    const line = sharp({ create: { width: 1, height: 60_000, channels: 3, background: '#c86432' } });
    expect((await decoded(line.png().toBuffer(), { resize: 'cover' })).slice(0, 3)).toEqual([...RGB]);
  });

  it('makes smaller as antialiased bilinear interpolation of PyTorch does', async () => {
    const { cases } = JSON.parse(
      readFileSync(new URL('../../../../fixtures/resize.json', import.meta.url), 'utf8'),
    ) as {
      cases: { from: [number, number]; to: [number, number]; input: string; output: number[] }[];
    };
    expect(cases.length).toBeGreaterThan(2);
    for (const { from, to, input, output } of cases) {
      const [height, width] = from;
      const raw = { width, height, channels: 3 } as const;
      const png = await sharp(Buffer.from(input, 'base64'), { raw }).png().toBuffer();
      const off = (await decoded(png, { imageSize: to })).map((value, i) => Math.abs(value - output[i]!));
      expect(Math.max(...off)).toBeLessThan(10);
      expect(off.reduce((sum, each) => sum + each, 0) / off.length).toBeLessThan(1);
    }
  });
});

describe('a file that is no picture', () => {
  const noise = () => {
    const data = Uint8Array.from({ length: 120 * 120 * 3 }, (_, i) => (i * 7919) % 251);
    return sharp(data, { raw: { width: 120, height: 120, channels: 3 } });
  };
  const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);
  const changed = (bytes: Buffer, ...values: number[]) => {
    const copy = Buffer.from(bytes);
    for (const [i, value] of values.entries()) copy[(copy.length >> 1) + i] = value;
    return copy;
  };

  it.each([
    ['text', async () => Buffer.from('hello'), 'is no picture; PNG, JPEG, WebP, GIF and TIFF are read'],
    ['SVG', async () => Buffer.from('<?xml version="1.0"?><svg/>'), 'is an SVG drawing; '],
    ['HEIC', async () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1'), 'is a HEIC picture; '],
    ['BMP', async () => Buffer.from('BM\x46\0\0\0\0\0\0\0\x36', 'latin1'), 'is a BMP picture; '],
    ['a web page', async () => Buffer.from('\n<!DOCTYPE html>'), 'is a web page; '],
    [
      'Git LFS',
      async () => Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
      'is a Git LFS pointer',
    ],
    [
      'half a JPEG',
      async () => half(await noise().jpeg().toBuffer()),
      'is a damaged JPEG file: premature end of JPEG',
    ],
    [
      'a JPEG that ends in its middle',
      async () => changed(await noise().jpeg().toBuffer(), 0xff, 0xd9),
      'is a damaged JPEG file',
    ],
    ['half a PNG', async () => half(await noise().png().toBuffer()), 'is a damaged PNG file: '],
    [
      'a changed PNG',
      async () => changed(await noise().png().toBuffer(), 1, 2, 3),
      'is a damaged PNG file: ',
    ],
    [
      'the beginning of a PNG',
      async () => (await noise().png().toBuffer()).subarray(0, 20),
      'is a damaged PNG file: ',
    ],
    ['half a WebP', async () => half(await noise().webp().toBuffer()), 'is a damaged WebP file: '],
    ['half a GIF', async () => half(await noise().gif().toBuffer()), 'is a damaged GIF file: '],
    ['half a TIFF', async () => half(await noise().tiff().toBuffer()), 'is a damaged TIFF file: '],
  ] as const)('%s is told', async (_, make, message) => {
    const error = await failure(decoded(await make()));
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/\n|\.$/);
  });

  it('may have more at its end', async () => {
    const bytes = Buffer.concat([await noise().jpeg().toBuffer(), Buffer.from('more')]);
    expect(await decoded(bytes)).toHaveLength(48);
  });

  it('of too many pixels is refused before they are unpacked', async () => {
    const huge = sharp({
      create: { width: 11_000, height: 10_000, channels: 3, background: 'black' },
      limitInputPixels: false,
    });
    const bytes = await huge.png({ compressionLevel: 9 }).toBuffer();
    expect(bytes.length).toBeLessThan(1_000_000);
    expect((await failure(decoded(bytes))).message).toBe(
      'has 11000 x 10000 pixels; at most 100 million are decoded',
    );
  });
});

describe('a JPEG that becomes much smaller', () => {
  /** Waves of many lengths, as a photograph has them. */
  async function photograph(width: number, height: number): Promise<Buffer> {
    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
      return 128 + 60 * Math.sin((x + y * c) / 9) + 30 * Math.cos((x - 2 * y) / 3) + 20 * Math.sin(x * y);
    });
    return sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
  }
  const options = { imageSize: 32, resize: 'stretch' } as const;

  const differences = (a: readonly number[], b: readonly number[]) =>
    a.map((value, i) => Math.abs(value - b[i]!));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('is the same either way where it has at most a million pixels', async () => {
    const jpeg = await photograph(250, 190);
    const exact = await decoded(jpeg, { ...options, decode: 'exact' });
    expect(await decoded(jpeg, { ...options, decode: 'fast' })).toEqual(exact);
    const byLibvips = await decoded(sharp(jpeg).png().toBuffer(), options);
    expect(mean(differences(exact, byLibvips))).toBeLessThan(2);
  });

  it('is nearly so where it has more', async () => {
    const jpeg = await photograph(1250, 950);
    const exact = await decoded(jpeg, { ...options, decode: 'exact' });
    const off = mean(differences(await decoded(jpeg, { ...options, decode: 'fast' }), exact));
    expect(off).toBeGreaterThan(0);
    expect(off).toBeLessThan(4);
  });

  it.each(['cover', 'contain', 'stretch'] as const)('is what Pillow makes of it: %s', async (resize) => {
    const fixture = new URL('../../../../fixtures/pillow-jpeg.json', import.meta.url);
    const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as {
      cases: { jpeg: string; to: [number, number]; resize: string; channels: 1 | 3; output: string }[];
    };
    const own = cases.filter((each) => each.resize === resize);
    expect(own.length).toBeGreaterThan(3);
    for (const { jpeg, to, channels, output } of own) {
      const bytes = Buffer.from(jpeg, 'base64');
      const off = differences(await decoded(bytes, { imageSize: to, resize, channels, background: 0 }), [
        ...Buffer.from(output, 'base64'),
      ]);
      expect(mean(off)).toBeLessThan(1.1);
      expect(Math.max(...off)).toBeLessThanOrEqual(4);
    }
  });

  it('is turned as EXIF says, and taken for what its profile says', async () => {
    const halves = Uint8Array.from({ length: 64 * 32 * 3 }, (_, i) =>
      Math.floor(i / 3) % 64 < 32 ? 255 : 0,
    );
    const wide = sharp(halves, { raw: { width: 64, height: 32, channels: 3 } });
    const turned = await wide.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const small = { imageSize: [2, 1], resize: 'stretch' } as const;
    const [above, below] = corners(await decoded(turned, small));
    expect([above![0]! > 200, below![0]! < 50]).toEqual([true, true]);
    const upright = await wide.clone().withMetadata({ orientation: 1 }).jpeg().toBuffer();
    const [left, right] = corners(await decoded(upright, { ...small, imageSize: [1, 2] }));
    expect([left![0]! > 200, right![0]! < 50]).toEqual([true, true]);
    const p3 = await filled([200, 100, 50]).withIccProfile('p3').jpeg({ quality: 100 }).toBuffer();
    for (const [i, value] of corners(await decoded(p3))[0]!.entries()) {
      expect(Math.abs(value - RGB[i]!)).toBeLessThanOrEqual(4);
    }
  });
});

describe('the kernel that resizes', () => {
  it('is its source, assembled', async () => {
    const module = (await wabt()).parseWat('resample.wat', RESAMPLE_SOURCE, { simd: true });
    expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(RESAMPLE_BINARY);
  });
});
