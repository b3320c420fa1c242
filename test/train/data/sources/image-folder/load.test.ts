import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { recallDataset } from '../../../../../src/train/data/source.js';
import { loaderOf } from '../../../../helpers/data.js';
import { failure } from '../../helpers.js';
import {
  allPixels,
  colourOf,
  firstPixels,
  folderOf,
  ownCache,
  pictures,
  plain,
  put,
  sourceOf,
} from './helpers.js';

const SHARED = new URL('../../../../../../shared/data/pictures', import.meta.url).pathname;

describe('the parts', () => {
  it('hold each picture once, with its class, in an order that mixes the classes', async () => {
    ownCache();
    const root = await folderOf(await pictures({ a: 20, b: 20, c: 20 }));
    const { train, eval: evaluation } = await sourceOf(root).load();
    expect(
      [train, evaluation].map(({ identity: { split, records, source } }) => [split, records, source]),
    ).toEqual([
      ['train', 30, root],
      ['val', 30, root],
    ]);
    for (const dataset of [train, evaluation]) {
      for (const [i, [red]] of firstPixels(dataset).entries())
        expect(Math.floor(red! / 20)).toBe(dataset.targets[i]);
      expect(new Set(dataset.targets.slice(0, 15)).size).toBe(3);
    }
    expect(await allPixels(sourceOf(root))).toEqual(Array.from({ length: 60 }, (_, i) => [...colourOf(i)]));
  });

  it('by hash stay as they are when pictures are added, renamed or moved between folders of a class', async () => {
    ownCache();
    const split = { val: 0.3, test: 0.2, by: 'hash', seed: 0, stratify: false } as const;
    const partsOf = async (files: Record<string, Buffer>) => {
      const { train, eval: evaluation, test } = await sourceOf(await folderOf(files), { split }).load();
      return [train, evaluation, test!].map((part) => firstPixels(part).map((pixel) => pixel.join()));
    };
    const files = await pictures({ a: 40, b: 40 });
    const before = await partsOf(files);
    expect(before.map(({ length }) => length > 8)).toEqual([true, true, true]);
    const others = Object.fromEntries(
      Object.entries({ ...files, ...(await pictures({ 'a/more': 30 }, 100)) }).map(([name, content]) => [
        name.replace(/^b\//, 'b/deep/x'),
        content,
      ]),
    );
    for (const [i, part] of (await partsOf(others)).entries())
      expect(part.filter((pixel) => before[i]!.includes(pixel))).toEqual(before[i]);
  });

  it('are refused where a class has no picture to train on, or a part none', async () => {
    ownCache();
    const root = await folderOf(await pictures({ a: 10, b: 1 }));
    const split = { val: 0.9, test: 0, by: 'random', seed: 0, stratify: false } as const;
    expect((await failure(sourceOf(root, { split }).load())).message).toContain(
      'no picture to train on is of class',
    );
    const none = { ...split, val: 0.01 };
    expect((await failure(sourceOf(root, { split: none }).load())).message).toContain(
      `of the 11 pictures of ${root} split.val 0.01 leaves none`,
    );
  });

  it('have a hash that changes with contents, labels and options, and not with names', async () => {
    ownCache();
    const files = await pictures({ a: 6, b: 6 });
    const hashOf = async (own = files, options = {}) =>
      (await sourceOf(await folderOf(own), options).load()).train.identity.sha256;
    const before = await hashOf();
    const renamed = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name.replace('.png', 'x.png'), bytes]),
    );
    expect(await hashOf(renamed)).toBe(before);
    const others = [
      await hashOf({ ...files, 'a/0.png': await plain([1, 1, 1]), 'b/0.png': await plain([2, 2, 2]) }),
      await hashOf(await pictures({ a: 6, c: 6 })),
      await hashOf(files, { imageSize: 5 }),
      await hashOf(files, { channels: 1 }),
      await hashOf(files, { background: 9 }),
      await hashOf(files, { resize: 'contain' }),
      await hashOf(files, { decode: 'exact' }),
    ];
    expect(new Set([before, ...others]).size).toBe(8);
  });

  it('are found again, where they were or where they are now, and others are told', async () => {
    ownCache();
    const files = await pictures({ a: 6, b: 6 });
    const root = await folderOf(files);
    const { train, eval: evaluation } = await sourceOf(root).load();
    for (const { identity } of [train, evaluation]) {
      expect((await recallDataset(sourceOf(root), identity)).identity).toEqual(identity);
      const moved = await recallDataset(sourceOf('/nowhere'), { ...identity, source: '/gone' }, [
        await folderOf(files),
      ]);
      expect(moved.identity.sha256).toBe(identity.sha256);
    }
    put(root, 'a/0.png', await plain([250, 0, 250]));
    expect((await failure(recallDataset(sourceOf(root), train.identity))).code).toBe('LOSSNET_DATA_CHANGED');
    const gone = await failure(recallDataset(sourceOf('/nowhere'), { ...train.identity, source: '/gone' }));
    expect(gone.code).toBe('LOSSNET_DATA_UNAVAILABLE');
    expect(gone.message).toContain('looked in /gone, /nowhere');
  });
});

describe('broken pictures', () => {
  const withBroken = async () => {
    const root = await folderOf({
      ...(await pictures({ a: 6, b: 6 })),
      'a/text.jpg': 'hello',
      'a/empty.png': '',
      'b/half.png': (await plain([5, 5, 5], 60)).subarray(0, 90),
    });
    execFileSync('mkfifo', [join(root, 'b/pipe.png')]);
    put(root, 'b/link.webp@', 'nothing.webp');
    writeFileSync(join(root, 'a/large.tif'), '');
    truncateSync(join(root, 'a/large.tif'), 100_000_001);
    return root;
  };
  const LISTED = [
    'a/empty.png is empty',
    'a/large.tif has 101 MB; at most 100 are read',
    'a/text.jpg is no picture; PNG, JPEG, WebP, GIF and TIFF are read',
    'b/half.png is a damaged PNG file: libpng read error',
    'b/link.webp cannot be read: there is no such file or folder (ENOENT)',
    'b/pipe.png is no regular file',
  ];

  it('are listed, all of them, with what is wrong', async () => {
    ownCache();
    const root = await withBroken();
    const error = await failure(sourceOf(root).load());
    expect(error.code).toBe('LOSSNET_DATA_PICTURES');
    expect(error.message).toBe(
      [`6 pictures of ${root} cannot be used:`, ...LISTED.map((line) => `  ${root}/${line}`)].join('\n'),
    );
    expect(error.remedy).toContain('dataset.on_error: skip');
  });

  it('are left out where that is asked for, and said', async () => {
    ownCache();
    const root = await withBroken();
    for (let time = 0; time < 2; time++) {
      const { train, eval: evaluation, warnings } = await sourceOf(root, { onError: 'skip' }).load();
      expect(train.identity.records + evaluation.identity.records).toBe(12);
      expect(warnings).toEqual([
        [`${root}: left out, as they cannot be used:`, ...LISTED.map((line) => `  ${root}/${line}`)].join(
          '\n',
        ),
      ]);
    }
  });

  it('are told apart and told of rightly, however many are decoded at a time', async () => {
    ownCache();
    const files: Record<string, Buffer> = {};
    for (let i = 0; i < 80; i++) {
      const pixels = Uint8Array.from(
        { length: 120 * 90 * 3 },
        (_, k) => (k * 7 + i * 31 + ((k * k) % 251)) % 256,
      );
      const picture = sharp(pixels, { raw: { width: 120, height: 90, channels: 3 } });
      const bytes = await (i % 2 === 0 ? picture.jpeg() : picture.png()).toBuffer();
      const isCut = i % 4 < 2;
      const name = `${'ab'[i % 3 === 0 ? 0 : 1]}/${isCut ? 'cut' : 'whole'}${i}.${i % 2 === 0 ? 'jpg' : 'png'}`;
      files[name] = isCut ? bytes.subarray(0, Math.floor(bytes.length * 0.6)) : bytes;
    }
    const root = await folderOf(files);
    const { train, eval: evaluation, warnings } = await sourceOf(root, { onError: 'skip' }).load();
    expect(train.identity.records + evaluation.identity.records).toBe(40);
    const told = warnings[0]!.split('\n').slice(1);
    expect(told).toHaveLength(40);
    for (const line of told) {
      expect(line).toMatch(
        /cut\d+\.(jpg is a damaged JPEG file: .*(premature end|Huffman)|png is a damaged PNG file: libpng read error$)/i,
      );
    }
  });

  it('are counted where they are many', async () => {
    ownCache();
    const broken = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`a/bad${i}.png`, `${i}`]));
    const root = await folderOf({ ...(await pictures({ a: 2, b: 2 })), ...broken });
    const { message } = await failure(sourceOf(root).load());
    expect(message.split('\n')).toHaveLength(52);
    expect(message).toMatch(/^70 pictures of .*\n {2}and 20 more$/s);
  });

  it('may leave nothing of a class', async () => {
    ownCache();
    const root = await folderOf({ ...(await pictures({ a: 6, b: 6 })), 'c/x.png': 'x', 'c/y.png': 'y' });
    const error = await failure(sourceOf(root, { onError: 'skip' }).load());
    expect(error.message).toBe(`${root}: no picture to train on is of class \`c\``);
  });
});

describe('the pictures of a batch', () => {
  it('are cropped, flipped and normalised as those of other data sets', async () => {
    ownCache();
    const root = await folderOf(await pictures({ a: 8, b: 8 }));
    const { train } = await sourceOf(root).load();
    const batches = [
      ...loaderOf(train, {
        batchSize: 3,
        shuffle: true,
        transforms: {
          randomCrop: { padding: 1 },
          randomFlip: { p: 0.5 },
          normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
        },
      }).epoch(0),
    ];
    expect(batches.map(({ size }) => size)).toEqual([3, 3, 2]);
    expect(batches[0]!.inputs).toHaveLength(3 * 4 * 4 * 3);
    const bytes = batches[0]!.bytes!;
    for (const [i, input] of batches[0]!.inputs.entries())
      expect(input).toBeCloseTo((bytes[i]! / 255 - 0.5) / 0.5, 5);
  });

  it('are told where they lie, in memory and with no bytes between them', async () => {
    ownCache();
    const root = await folderOf(await pictures({ a: 8, b: 8 }));
    const batchesOf = async (imageSize: number, most?: number) => {
      const { train } = await sourceOf(root, { imageSize }, most).load();
      return [...loaderOf(train, { batchSize: 3, shuffle: true }).epoch(0)];
    };
    // Just decoded, and from what was kept.
    for (let time = 0; time < 2; time++) {
      for (const { rows, bytes, size } of await batchesOf(4)) {
        const { from, records } = rows!;
        const lying = [...records].flatMap((record) => [...from.slice(record * 12, (record + 1) * 12)]);
        expect(lying).toEqual([...new Int32Array(bytes!.buffer)]);
        expect(lying).toHaveLength(size * 12);
      }
    }
    for (const others of [await batchesOf(5), await batchesOf(4, 0)]) {
      expect(others.map(({ rows }) => rows)).toEqual([null, null, null]);
    }
  });
});

describe.skipIf(!existsSync(SHARED))('real pictures in parts', () => {
  it('are decoded, those of train shared out, those of test left for the end', async () => {
    ownCache();
    const split = { val: 0.1, test: 0.1, by: 'hash', seed: 0, stratify: false } as const;
    const source = sourceOf(SHARED, { imageSize: 32, split });
    expect(source.spec).toMatchObject({ name: 'pictures', input: { channels: 3, height: 32, width: 32 } });
    expect(source.spec.target.names).toHaveLength(10);
    const { train, eval: evaluation, test, notes, warnings } = await source.load();
    expect(train.identity.records + evaluation.identity.records).toBe(600);
    expect(test!.identity.records).toBe(150);
    expect(warnings).toEqual([]);
    expect(notes![0]).toContain('750 pictures of 10 classes (`airplane` 75');
    const one = readFileSync(join(SHARED, 'test/bird/0306.jpg'));
    expect(one.length).toBeGreaterThan(100);
  });
});
