import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tagOf, thisProcess } from '../../../../../src/base/process.js';
import { imageFolder } from '../../../../../src/train/data/sources/image-folder/index.js';
import { openPack, PackWriter } from '../../../../../src/train/data/sources/image-folder/pack.js';
import { asOrdinaryUser, failure } from '../../helpers.js';
import {
  allPixels,
  colourOf,
  folderOf,
  optionsFor,
  ownCache,
  pictures,
  plain,
  put,
  sourceOf,
} from './helpers.js';

const PICTURE = 4 * 4 * 3;
const LARGE = 0;

const packsIn = (cache: string) =>
  existsSync(cache) ? readdirSync(cache).filter((name) => name.endsWith('.pack')) : [];
const onlyPack = (cache: string) => {
  const [name, ...others] = packsIn(cache);
  expect(others).toEqual([]);
  return join(cache, name!);
};
const colours = (count: number, first = 0) =>
  Array.from({ length: count }, (_, i) => [...colourOf(first + i)]);

/** Writes a pack anew with other pictures in it: they are seen wherever it is used in the place of the files. */
function repaint(file: string, value: number): void {
  const pack = openPack(file, PICTURE)!;
  const writer = new PackWriter(`${file}.new`, [...pack.slots.keys()], PICTURE);
  for (let slot = 0; slot < pack.slots.size; slot++) writer.write(slot, new Uint8Array(PICTURE).fill(value));
  pack.close();
  writer.publish(file);
}

describe.each([
  ['in memory', undefined],
  ['on the disk', LARGE],
])('decoded pictures, %s', (_, most) => {
  it('are kept, and not decoded again', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 5, b: 5 }));
    expect(await allPixels(sourceOf(root, {}, most))).toEqual(colours(10));
    const file = onlyPack(cache);
    repaint(file, 7);
    const { ino } = statSync(file);
    expect(await allPixels(sourceOf(root, {}, most))).toEqual(Array.from({ length: 10 }, () => [7, 7, 7]));
    expect(statSync(file).ino).toBe(ino);
    expect(readdirSync(cache).filter((name) => /tmp|lock/.test(name))).toEqual([]);
  });

  it('are found by their contents, wherever the files lie and whatever their class', async () => {
    const cache = ownCache();
    const files = await pictures({ a: 5, b: 5 });
    await sourceOf(await folderOf(files), {}, most).load();
    repaint(onlyPack(cache), 7);
    const moved = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name.replace(/^b\/(?=[2-4])/, 'c/deep/n'), bytes]),
    );
    expect(new Set((await allPixels(sourceOf(await folderOf(moved), {}, most))).flat())).toEqual(
      new Set([7]),
    );
    expect(packsIn(cache)).toHaveLength(1);
  });

  it('are decoded again where they changed, and those alone', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 5, b: 5 }));
    await sourceOf(root, {}, most).load();
    repaint(onlyPack(cache), 7);
    put(root, 'a/0.png', await plain([100, 0, 0]));
    put(root, 'b/new.png', await plain([101, 0, 0]));
    rmSync(join(root, 'b/1.png'));
    const seven = Array.from({ length: 8 }, () => [7, 7, 7]);
    expect(await allPixels(sourceOf(root, {}, most))).toEqual([...seven, [100, 0, 0], [101, 0, 0]]);
    expect(packsIn(cache)).toHaveLength(2);
    expect(await allPixels(sourceOf(root, { imageSize: 5 }, most))).not.toContainEqual([7, 7, 7]);
  });

  it('that are damaged are decoded again, with a warning', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 5, b: 5 }));
    await sourceOf(root, {}, most).load();
    const file = onlyPack(cache);
    const sound = readFileSync(file);
    const changed = (at: number) => {
      const copy = Buffer.from(sound);
      copy[at]! ^= 1;
      return copy;
    };
    const cases: [Buffer, string][] = [
      [changed(0), 'it does not begin as one'],
      [changed(16), 'its records have 49 bytes, not 48'],
      [changed(70), 'the checksum of its index is wrong'],
      [sound.subarray(0, sound.length - 1), 'bytes, not'],
      [Buffer.alloc(0), 'it ends too early'],
      [Buffer.from('hello'), 'it ends too early'],
    ];
    for (const [bytes, why] of cases) {
      writeFileSync(file, bytes);
      const { warnings } = await sourceOf(root, {}, most).load();
      expect(warnings).toEqual([
        expect.stringMatching(/^.*\.pack was damaged \(.*\): its pictures are decoded again\.$/),
      ]);
      expect(warnings[0]).toContain(why);
      expect(await allPixels(sourceOf(root, {}, most))).toEqual(colours(10));
      expect(readFileSync(file)).toHaveLength(sound.length);
    }
  });

  it('may be asked for by several at once', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 8, b: 8 }));
    const all = await Promise.all([1, 2, 3].map(() => allPixels(sourceOf(root, {}, most))));
    for (const pixels of all) expect(pixels).toEqual(colours(16));
    expect(packsIn(cache)).toHaveLength(1);
  });

  it('that could not be decoded are tried again, without the rest', async () => {
    const cache = ownCache();
    const root = await folderOf({ ...(await pictures({ a: 5, b: 5 })), 'a/x.png': 'x' });
    const source = () => imageFolder(optionsFor(root, { onError: 'skip' }), most);
    expect(await allPixels(source())).toEqual(colours(10));
    const file = onlyPack(cache);
    const { ino } = statSync(file);
    expect(await allPixels(source())).toEqual(colours(10));
    expect(statSync(onlyPack(cache)).ino).toBe(ino);
  });

  it('stop when they are told to, and what is decoded is kept', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 40, b: 40 }));
    const stop = new AbortController();
    const loading = sourceOf(root, {}, most).load({ signal: stop.signal, onPrepare: () => stop.abort() });
    const deadline = setInterval(() => {
      if (readdirSync(cache).some((name) => name.includes('.lock'))) stop.abort();
    }, 1);
    const outcome = await loading.then(
      () => 'loaded',
      (error: Error) => error.name,
    );
    clearInterval(deadline);
    expect(['AbortError', 'loaded']).toContain(outcome);
    expect(readdirSync(cache).filter((name) => /tmp|lock/.test(name))).toEqual([]);
    expect(await allPixels(sourceOf(root, {}, most))).toEqual(colours(80));
  });
});

describe('a record that is damaged', () => {
  it('is noticed as it is read: at once, or in the middle of a run', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 5, b: 5 }));
    await sourceOf(root).load();
    const file = onlyPack(cache);
    const damage = () => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(file, bytes);
    };
    damage();
    const { warnings } = await sourceOf(root).load();
    expect(warnings[0]).toContain('the checksum of its record 9 is wrong');
    damage();
    const error = await failure(allPixels(sourceOf(root, {}, LARGE)));
    expect([error.code, error.message]).toEqual([
      'LOSSNET_DATA_CACHE',
      expect.stringContaining('cannot be read any more'),
    ]);
    expect(error.remedy).toContain('--resume');
    expect(await allPixels(sourceOf(root, {}, LARGE))).toEqual(colours(10));
  });
});

describe('the cache', () => {
  it('may be off: then the memory has to do', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 5, b: 5 }));
    const off = { cache: { enabled: false, maxGb: 1 } };
    expect(await allPixels(sourceOf(root, off))).toEqual(colours(10));
    expect(existsSync(cache)).toBe(false);
    const error = await failure(sourceOf(root, off, LARGE).load());
    expect([error.code, error.message]).toEqual([
      'LOSSNET_DATA_CACHE',
      expect.stringContaining('dataset.cache.enabled is false'),
    ]);
  });

  it('that may not be written is told, and the memory has to do', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 5, b: 5 }));
    mkdirSync(cache);
    chmodSync(cache, 0o555);
    chmodSync(join(cache, '..'), 0o755);
    const load = (most?: number) => asOrdinaryUser(() => sourceOf(root, {}, most).load());
    const { warnings, train } = await load();
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The decoded pictures are not kept for the next run\. Cannot write .*permission denied/,
      ),
    ]);
    expect(train.identity.records).toBe(4);
    const error = await failure(load(LARGE));
    expect(error.message).toMatch(/more than the 500 MB .*permission denied/);
    expect(error.remedy).toContain('LOSSNET_CACHE');
  });

  it('is read where it may not be written', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 5, b: 5 }));
    await sourceOf(root).load();
    repaint(onlyPack(cache), 7);
    chmodSync(cache, 0o555);
    chmodSync(join(cache, '..'), 0o755);
    const pixels = await asOrdinaryUser(() => allPixels(sourceOf(root)));
    expect(new Set(pixels.flat())).toEqual(new Set([7]));
  });

  it('takes no more than it may: what was used longest ago goes first, what is in use stays', async () => {
    const cache = ownCache();
    const one = await folderOf(await pictures({ a: 30, b: 30 }));
    await sourceOf(one).load();
    const first = onlyPack(cache);
    const { size } = statSync(first);
    const roomFor = (packs: number) => ({ cache: { enabled: true, maxGb: (packs * size + 1000) / 1e9 } });
    const old = new Date(Date.now() - 10_000);
    utimesSync(first, old, old);
    await sourceOf(await folderOf(await pictures({ a: 30, b: 30 }, 60)), roomFor(2)).load();
    expect(packsIn(cache)).toHaveLength(2);
    const mark = `${first}.used-${tagOf(thisProcess())}`;
    writeFileSync(mark, '');
    const second = packsIn(cache).find((name) => !first.endsWith(name))!;
    utimesSync(join(cache, second), old, old);
    await sourceOf(await folderOf(await pictures({ a: 30, b: 30 }, 120)), roomFor(2)).load();
    expect(existsSync(first)).toBe(true);
    expect(packsIn(cache)).not.toContain(second);
    rmSync(mark);
    // A process that is gone uses nothing.
    writeFileSync(`${first}.used-${tagOf({ ...thisProcess(), pid: 2 ** 22 + 1 })}`, '');
    utimesSync(first, old, old);
    await sourceOf(await folderOf(await pictures({ a: 30, b: 30 }, 180)), roomFor(2)).load();
    expect(existsSync(first)).toBe(false);
  });

  it('that is smaller than the pictures leaves them to the memory, or refuses them', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 5, b: 5 }));
    const tiny = { cache: { enabled: true, maxGb: 1e-7 } };
    const { warnings } = await sourceOf(root, tiny).load();
    expect(warnings).toEqual([expect.stringContaining('they take 0.0 GB, and dataset.cache.max_gb is 1e-7')]);
    expect(packsIn(cache)).toEqual([]);
    expect((await failure(sourceOf(root, tiny, LARGE).load())).message).toContain(
      'dataset.cache.max_gb is 1e-7',
    );
  });

  it('remembers contents of files that have been as they are for a while, and notices when they change', async () => {
    const cache = ownCache();
    const root = await folderOf(await pictures({ a: 5, b: 5 }));
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await sourceOf(root).load();
    const index = join(cache, readdirSync(cache).find((name) => name.endsWith('.contents'))!);
    expect(readFileSync(index, 'utf8').split('\n')).toHaveLength(12);
    const { ino } = statSync(index);
    await sourceOf(root).load();
    expect(statSync(index).ino).toBe(ino);
    const { mtime, atime } = statSync(join(root, 'a/0.png'));
    const other = await plain(colourOf(200));
    put(root, 'a/0.png', other);
    utimesSync(join(root, 'a/0.png'), atime, mtime);
    expect(await allPixels(sourceOf(root))).toContainEqual([...colourOf(200)]);
    for (const text of ['', 'hello', readFileSync(index, 'utf8').replace('a/1', 'a/2')]) {
      writeFileSync(index, text);
      expect(await allPixels(sourceOf(root))).toHaveLength(10);
    }
    truncateSync(index, 100);
    expect(await allPixels(sourceOf(root))).toHaveLength(10);
  });
});
