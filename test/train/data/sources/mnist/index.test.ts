import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inMemory, type OfficialSplit } from '../../../../../src/train/data/dataset.js';
import { recallDataset } from '../../../../../src/train/data/source.js';
import {
  fileName,
  MNIST_FORMATS,
  type MnistFormat,
  type Part,
} from '../../../../../src/train/data/sources/mnist/formats.js';
import { type MnistOptions, mnist } from '../../../../../src/train/data/sources/mnist/index.js';
import { type Answer, asOrdinaryUser, failure, file, serve, temporaryFolder } from '../../helpers.js';

const PIXELS = 28 * 28;
const four = (value: number) => [0, 0, value >> 8, value & 255];
const images = (count: number, side = 28) =>
  Buffer.from([
    0,
    0,
    8,
    3,
    ...four(count),
    ...four(side),
    ...four(side),
    ...Array(count * side * side).keys(),
  ]);
const labels = (...values: number[]) => Buffer.from([0, 0, 8, 1, ...four(values.length), ...values]);

/** The four files of a small data set, packed. */
const CONTENT: Readonly<Record<OfficialSplit, Readonly<Record<Part, Buffer>>>> = {
  train: { images: gzipSync(images(3)), labels: gzipSync(labels(5, 0, 4)) },
  test: { images: gzipSync(images(2)), labels: gzipSync(labels(7, 2)) },
};

function write(folder: string, content = CONTENT): void {
  mkdirSync(folder, { recursive: true });
  for (const split of ['train', 'test'] as const)
    for (const part of ['images', 'labels'] as const)
      writeFileSync(join(folder, fileName(split, part)), content[split][part]);
}

const options = (root: string, more: Partial<MnistOptions> = {}): MnistOptions => ({
  ...{ type: 'mnist', root, trainSplit: 'train', evalSplit: 'test', download: false },
  ...more,
});

describe('mnist and fashion_mnist', () => {
  it.each(['mnist', 'MNIST/raw', '.'])('are found in %s below root', async (folder) => {
    const root = temporaryFolder();
    write(join(root, folder));
    const { train, eval: test } = await mnist(options(root)).load();
    expect([[...train.targets], [...test.targets]]).toEqual([
      [5, 0, 4],
      [7, 2],
    ]);
    expect(train.inputs).toHaveLength(3 * PIXELS);
    const bytes = inMemory(train);
    expect([bytes[0], bytes[255], bytes[256]]).toEqual([0, 255, 0]);
    expect(train.identity).toMatchObject({ name: 'mnist', source: join(root, folder), records: 3 });
    expect(train.spec.input).toEqual({ kind: 'image', channels: 1, height: 28, width: 28 });
    expect(await recallDataset(mnist(options(root)), test.identity)).toEqual(test);
  });

  it('are read unpacked, and one split alone where no other is asked for', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'FashionMNIST/raw'), { recursive: true });
    writeFileSync(join(root, 'FashionMNIST/raw/t10k-images-idx3-ubyte'), images(1));
    writeFileSync(join(root, 'FashionMNIST/raw/t10k-labels-idx1-ubyte'), labels(9));
    const source = mnist(options(root, { type: 'fashion_mnist', trainSplit: 'test' }));
    const { train, eval: test } = await source.load();
    expect(train).toBe(test);
    expect(train.spec.target.names[train.targets[0]!]).toBe('Ankle boot');
  });

  it('name every file that is missing, damaged or does not fit another', async () => {
    const root = temporaryFolder();
    const content = {
      train: { images: gzipSync(images(3, 27)), labels: gzipSync(labels(5, 0)) },
      test: { images: CONTENT.test.images.subarray(0, 20), labels: gzipSync(labels(10, 1)) },
    };
    write(join(root, 'mnist'), content);
    const { code, message } = await failure(mnist(options(root)).load());
    expect(code).toBe('LOSSNET_DATA_CORRUPT');
    expect(message).toContain(
      'train-images-idx3-ubyte.gz: holds 3 x 27 x 27 values; expected images of 28 x 28',
    );
    expect(message).toContain('t10k-images-idx3-ubyte.gz: it cannot be unpacked');

    write(join(root, 'mnist'), { ...CONTENT, train: { ...CONTENT.train, labels: gzipSync(labels(1)) } });
    expect((await failure(mnist(options(root)).load())).message).toContain(
      'holds 1 labels for the 3 images of',
    );
    write(join(root, 'mnist'), { ...CONTENT, test: { ...CONTENT.test, labels: gzipSync(labels(3, 10)) } });
    expect((await failure(mnist(options(root)).load())).message).toContain(
      't10k-labels-idx1-ubyte.gz: record 1 (counted from 0) has the label 10, but labels are 0 to 9',
    );

    const odd = temporaryFolder();
    write(join(odd, 'mnist'));
    rmSync(join(odd, 'mnist', fileName('test', 'labels')));
    mkdirSync(join(odd, 'mnist', fileName('test', 'labels')));
    expect((await failure(mnist(options(odd)).load())).message).toContain(
      't10k-labels-idx1-ubyte.gz: something that is no regular file stands in its place',
    );

    const lacking = temporaryFolder();
    mkdirSync(join(lacking, 'mnist'));
    writeFileSync(join(lacking, 'mnist', fileName('train', 'images')), CONTENT.train.images);
    const missing = await failure(mnist(options(lacking)).load());
    expect(missing.code).toBe('LOSSNET_DATA_MISSING');
    expect(missing.message.match(/is missing/g)).toHaveLength(3);
  });

  it('say where they were looked for', async () => {
    const root = join(temporaryFolder(), 'nowhere');
    const { code, message, remedy } = await failure(mnist(options(root, { type: 'fashion_mnist' })).load());
    expect(code).toBe('LOSSNET_DATA_UNAVAILABLE');
    expect(message).toContain(`Looked in ${root}, fashion-mnist/ and FashionMNIST/raw/ for train-images`);
    expect(message).toContain('dataset.download is false');
    expect(remedy).toContain(join(root, 'fashion-mnist'));
  });

  it.skipIf(process.platform === 'win32')('say which file cannot be read', async () => {
    const root = temporaryFolder();
    write(join(root, 'mnist'));
    const { chmodSync } = await import('node:fs');
    chmodSync(join(root, 'mnist', fileName('train', 'labels')), 0);
    const { code, message } = await asOrdinaryUser(() => failure(mnist(options(root)).load()));
    expect([code, message]).toEqual(['LOSSNET_DATA_UNREADABLE', expect.stringContaining('cannot be read')]);
  });
});

describe('the download', () => {
  /** The data set as a server on this machine has it. */
  async function served(spoil: (name: string) => Answer | null = () => null): Promise<MnistFormat> {
    const byName = new Map<string, Buffer>();
    for (const split of ['train', 'test'] as const)
      for (const part of ['images', 'labels'] as const)
        byName.set(fileName(split, part), CONTENT[split][part]);
    const { url } = await serve((request, response) => {
      const name = request.url!.slice(1);
      (spoil(name) ?? file(byName.get(name)!, `"${name}"`))(request, response);
    });
    const archive = (split: OfficialSplit, part: Part) => {
      const content = CONTENT[split][part];
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { url: new URL(fileName(split, part), url).href, bytes: content.length, sha256 };
    };
    const split = (name: OfficialSplit) => ({
      images: archive(name, 'images'),
      labels: archive(name, 'labels'),
    });
    return { ...MNIST_FORMATS.mnist, archives: { train: split('train'), test: split('test') } };
  }

  it('brings what is missing, tells how much, and is not made again', async () => {
    const root = join(temporaryFolder(), 'data');
    const format = await served();
    const progress: [string, number, number][] = [];
    const source = mnist(options(root, { download: true }), format);
    const data = await source.load({ onDownload: (...told) => void progress.push(told) });
    expect([...data.train.targets]).toEqual([5, 0, 4]);
    const [name, received, total] = progress.at(-1)!;
    expect([name, received]).toEqual(['MNIST', total]);
    expect(readdirSync(join(root, 'mnist')).sort()).toEqual(
      Object.values(format.archives)
        .flatMap(({ images: a, labels: b }) => [a, b].map(({ url }) => url.slice(url.lastIndexOf('/') + 1)))
        .sort(),
    );
    const offline = { ...format, archives: MNIST_FORMATS.mnist.archives };
    expect((await mnist(options(root, { download: true }), offline).load()).train).toEqual(data.train);
  });

  it('of a file that is another one is refused, and leaves none', async () => {
    const wrong = fileName('test', 'images');
    const format = await served((name) =>
      name === wrong ? file(Buffer.alloc(CONTENT.test.images.length)) : null,
    );
    const root = temporaryFolder();
    const { code, message } = await failure(mnist(options(root, { download: true }), format).load());
    expect([code, message]).toEqual(['LOSSNET_DATA_UNAVAILABLE', expect.stringContaining('SHA-256')]);
    expect(existsSync(join(root, 'mnist', wrong))).toBe(false);
    expect(existsSync(join(dirname(root), 'mnist'))).toBe(false);
  });

  it('stops when it is told to', async () => {
    const format = await served();
    const signal = AbortSignal.abort(new Error('enough'));
    const stopped = mnist(options(temporaryFolder(), { download: true }), format).load({ signal });
    await expect(stopped).rejects.toThrow('enough');
  });
});
