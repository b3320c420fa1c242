import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadDecoder } from '../../../../../src/train/data/sources/image-folder/decode.js';
import type { Content } from '../../../../../src/train/data/sources/image-folder/file.js';
import type { Outcome } from '../../../../../src/train/data/sources/image-folder/picture-thread.js';
import { ENOUGH, PictureThreads } from '../../../../../src/train/data/sources/image-folder/threads.js';
import { folderOf, optionsFor, ownCache, plain, sourceOf } from './helpers.js';

/** A JPEG that is like no other, of another size than most. */
function jpeg(i: number): Promise<Buffer> {
  const [width, height] = [9 + (i % 23), 11 + (i % 7)];
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, k) => (k * (i + 1) + i * 37) % 256);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** More JPEGs than are decoded without threads, and what is no such JPEG. */
async function mixed(): Promise<string> {
  const files: Record<string, Buffer | string> = {};
  for (let i = 0; i < ENOUGH; i++)
    files[`${'ab'[i % 2]}/${i}.${i % 3 === 0 ? 'JPEG' : 'jpg'}`] = await jpeg(i);
  files['a/png.png'] = await plain([10, 20, 30]);
  files['a/png-too.jpg'] = await plain([40, 50, 60]);
  files['b/turned.jpg'] = await sharp(await jpeg(1000))
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  files['b/slow.jpg'] = await sharp(await jpeg(1001))
    .jpeg({ progressive: true })
    .toBuffer();
  files['b/cut.jpg'] = (await jpeg(1002)).subarray(0, 500);
  files['b/text.jpg'] = 'hello';
  files['b/empty.jpg'] = '';
  const root = await folderOf(files);
  execFileSync('mkfifo', [join(root, 'a/pipe.jpg')]);
  return root;
}

describe('many pictures', () => {
  it('are decoded in threads as one by one, and what is wrong is told', async () => {
    const cache = ownCache();
    const root = await mixed();
    const options = optionsFor(root, { imageSize: 6, resize: 'contain', background: 9, onError: 'skip' });
    const { train, eval: evaluation, warnings } = await sourceOf(root, options).load();
    const decoder = await loadDecoder(options);
    let seen = 0;
    for (const { inputs, identity, nameOf } of [train, evaluation]) {
      if (!('read' in inputs)) throw new Error('pictures are read one by one');
      for (let record = 0; record < identity.records; record++) {
        const alone = await decoder.alone(readFileSync(nameOf!(record)));
        expect(Buffer.from(inputs.read(record)).equals(alone), nameOf!(record)).toBe(true);
        seen += 1;
      }
    }
    expect(seen).toBe(ENOUGH + 4);
    expect(warnings[0]!.split('\n').slice(1)).toEqual([
      `  ${root}/a/pipe.jpg is no regular file`,
      expect.stringMatching(/b\/cut\.jpg is a damaged JPEG file: /),
      `  ${root}/b/empty.jpg is empty`,
      `  ${root}/b/text.jpg is no picture; PNG, JPEG, WebP, GIF and TIFF are read`,
    ]);

    const stop = new AbortController();
    // More than the memory may hold.
    const again = sourceOf(root, { ...options, imageSize: 7 }, 0);
    const loading = again.load({ signal: stop.signal });
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
    expect((await again.load()).train.identity.records).toBe(train.identity.records);
  });
});

describe('a thread', () => {
  const threads = () => {
    const own = new PictureThreads(optionsFor('', { imageSize: 5 }));
    onTestFinished(() => own.close());
    return own;
  };

  it('reads files, and decodes what is still the same and a JPEG as most are', async () => {
    const bytes = await jpeg(3);
    const root = await folderOf({ 'a.jpg': bytes, 'b.jpg': await plain([1, 2, 3]), 'c.jpg': bytes });
    const path = (name: string) => join(root, name);
    const own = threads();
    const contents: Content[] = [];
    const paths = ['a.jpg', 'none.jpg', 'b.jpg'].map(path);
    await own.read(paths, (at, content) => (contents[at] = content), undefined);
    expect(contents).toEqual([
      { hash: sha256(bytes), state: { key: expect.any(String), changed: expect.any(Number) } },
      { problem: 'cannot be read: there is no such file or folder (ENOENT)' },
      { hash: sha256(readFileSync(path('b.jpg'))), state: expect.anything() },
    ]);
    const outcomes: Outcome[] = [];
    const wanted = [
      { path: path('a.jpg'), hash: sha256(bytes) },
      { path: path('b.jpg'), hash: sha256(readFileSync(path('b.jpg'))) },
      { path: path('c.jpg'), hash: sha256(Buffer.from('another')) },
    ];
    await own.decode(wanted, (at, outcome) => (outcomes[at] = outcome), undefined);
    const decoder = await loadDecoder(optionsFor('', { imageSize: 5 }));
    expect(outcomes).toEqual([
      { picture: new Uint8Array(await decoder.alone(bytes)) },
      null,
      { problem: 'was changed while it was read' },
    ]);
  });

  it('does nothing once it was told to stop', async () => {
    const reason = new Error('enough');
    const stopped = AbortSignal.abort(reason);
    await expect(threads().read(['x'], () => {}, stopped)).rejects.toBe(reason);
  });
});
