import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LossnetError } from '../../../src/base/errors.js';
import { inMemory } from '../../../src/train/data/dataset.js';
import { type Batch, DataLoader, type LoaderOptions } from '../../../src/train/data/loader.js';
import { pixelTables } from '../../../src/train/data/transforms.js';
import { countingDataset } from './helpers.js';

const PLAIN: LoaderOptions = { batchSize: 4, shuffle: false, dropLast: false, seed: 0, transforms: {} };

function loaderOf(records: number, options: Partial<LoaderOptions> = {}): DataLoader {
  return new DataLoader(countingDataset(records), { ...PLAIN, ...options });
}

/** Which records a batch holds: the first byte of record i is 1 + i x 49 mod 255, different for each of the first 51. */
function recordsOf(batch: Batch): number[] {
  const pixels = batch.inputs.length / batch.size;
  return Array.from({ length: batch.size }, (_, i) => {
    const first = Math.round(batch.inputs[i * pixels]! * 255) - 1;
    return Array.from({ length: 51 }, (_, record) => record).find((record) => (record * 49) % 255 === first)!;
  });
}

function orderOf(loader: DataLoader, epoch = 0): number[] {
  return [...loader.epoch(epoch)].flatMap(recordsOf);
}

const inOrder = (length: number) => Array.from({ length }, (_, i) => i);

describe('batches', () => {
  it('cover the data set, the last one short', () => {
    const loader = loaderOf(10);
    const batches = [...loader.epoch(0)];
    expect([loader.length, loader.samples]).toEqual([3, 10]);
    expect(batches.map((batch) => [batch.index, batch.size])).toEqual([
      [0, 4],
      [1, 4],
      [2, 2],
    ]);
    expect(batches.flatMap(recordsOf)).toEqual(inOrder(10));
    expect(batches.flatMap((batch) => [...batch.targets])).toEqual(inOrder(10));
    expect(batches[2]).toMatchObject({ epoch: 0, shape: [4, 4, 3] });
    expect(batches[2]!.inputs).toHaveLength(2 * 4 * 4 * 3);
  });

  it('leave a short last one out on request', () => {
    const loader = loaderOf(10, { dropLast: true });
    expect([loader.length, loader.samples]).toEqual([2, 8]);
    expect([...loader.epoch(0)]).toHaveLength(2);
  });

  it('use the first records only, when limited, whatever the order', () => {
    const loader = loaderOf(20, { limit: 6, shuffle: true });
    expect([loader.length, loader.samples]).toEqual([2, 6]);
    expect(orderOf(loader).sort((a, b) => a - b)).toEqual(inOrder(6));
    expect(loaderOf(3, { limit: 100 }).samples).toBe(3);
  });

  it("are the receiver's to keep", () => {
    const [first, second] = loaderOf(8).epoch(0);
    const before = first!.inputs.slice();
    second!.inputs.fill(0);
    first!.targets.fill(3);
    expect(first!.inputs).toEqual(before);
    expect(orderOf(loaderOf(8))).toEqual(inOrder(8));
  });
});

describe('shuffling', () => {
  it('visits every image once, in another order each epoch', () => {
    const loader = loaderOf(50, { shuffle: true });
    const [first, second] = [orderOf(loader, 0), orderOf(loader, 1)];
    expect(first).not.toEqual(inOrder(50));
    expect(second).not.toEqual(first);
    for (const order of [first, second]) expect([...order].sort((a, b) => a - b)).toEqual(inOrder(50));
  });

  it('depends on the seed and the epoch alone', () => {
    expect(orderOf(loaderOf(50, { shuffle: true }), 3)).toEqual(orderOf(loaderOf(50, { shuffle: true }), 3));
    expect(orderOf(loaderOf(50, { shuffle: true, seed: 1 }))).not.toEqual(
      orderOf(loaderOf(50, { shuffle: true })),
    );
  });
});

describe('going on within an epoch', () => {
  it('gives the very batches that were still to come', () => {
    const options = {
      shuffle: true,
      transforms: { randomCrop: { padding: 2 }, randomFlip: { p: 0.5 }, normalize: null },
    };
    const whole = [...loaderOf(30, options).epoch(2)];
    const rest = [...loaderOf(30, options).epoch(2, 5)];
    expect(rest).toEqual(whole.slice(5));
    expect([...loaderOf(30, options).epoch(2, 8)]).toEqual([]);
  });

  it.each([-1, 1.5, 4, Number.NaN])('refuses to start at batch %s of 3', (start) => {
    expect(() => [...loaderOf(10).epoch(0, start)]).toThrow(RangeError);
  });
});

describe('values', () => {
  const sha256 = (values: Float32Array) =>
    createHash('sha256')
      .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      .digest('hex');

  it('of all bytes are those of ToTensor, to the last bit (PyTorch 2.13.0)', () => {
    const [table] = pixelTables(1, {});
    expect([table![0], table![255]]).toEqual([0, 1]);
    expect(sha256(table!)).toBe('010413efe9fc4438fee48de66c4d09f377b28af6a9fe2522201e8c1dbb831fc8');
  });

  it('of all bytes are the bytes without scale', () => {
    expect([...pixelTables(1, { scale: false })[0]!]).toEqual(Array.from({ length: 256 }, (_, i) => i));
  });

  it('of all bytes are those of Normalize, to the last bit (PyTorch 2.13.0)', () => {
    const tables = pixelTables(3, {
      normalize: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
    });
    expect(tables.map(sha256)).toEqual([
      '9db1cde6c5e37298e46926119e83ee217cadc3a768d928d4356f94fc67e7ca8f',
      'cd548b7f78cfb072f71ed2781bc261bac5e55687fd0f4f493dd9c7f5af7af779',
      'c1dd303abca4e390dedd8a0c5dd6a7309d5be9c2d8cf549509aaf6e013c903cf',
    ]);
  });

  it('are normalised channel by channel', () => {
    const normalize = { mean: [0, 0.5, 1], std: [1, 0.5, 2] };
    const dataset = { ...countingDataset(1), inputs: new Uint8Array(48).fill(255) };
    const [batch] = new DataLoader(dataset, { ...PLAIN, transforms: { normalize } }).epoch(0);
    expect([...batch!.inputs.subarray(0, 6)]).toEqual([1, 1, 0, 1, 1, 0]);
  });
});

/** A batch's images as bytes, one array per image. */
function bytesOf(batch: Batch): number[][] {
  const pixels = batch.inputs.length / batch.size;
  return inOrder(batch.size).map((i) =>
    [...batch.inputs.subarray(i * pixels, (i + 1) * pixels)].map((value) => Math.round(value * 255)),
  );
}

describe('random flip', () => {
  const flipped = (p: number, records = 1) =>
    [...loaderOf(records, { batchSize: records, transforms: { randomFlip: { p } } }).epoch(0)].flatMap(
      bytesOf,
    );

  it('mirrors rows of pixels, not their channels', () => {
    const [image] = flipped(1);
    expect(image!.slice(0, 12)).toEqual([10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3]);
    expect(image!.slice(12, 15)).toEqual([22, 23, 24]);
  });

  it('happens with probability p', () => {
    expect(flipped(0)[0]!.slice(0, 3)).toEqual([1, 2, 3]);
    const inputs = inMemory(countingDataset(1000));
    const untouched = flipped(0.25, 1000).filter((image, i) => image[0] === inputs[i * 48]).length;
    expect(untouched / 1000).toBeGreaterThan(0.7);
    expect(untouched / 1000).toBeLessThan(0.8);
  });
});

describe('random crop', () => {
  /** What the crop shifted by (top, left) must be, written down as its definition. */
  function window(top: number, left: number): number[] {
    const inputs = inMemory(countingDataset(1));
    return inOrder(48).map((i) => {
      const [y, x, channel] = [Math.floor(i / 12) + top, (Math.floor(i / 3) % 4) + left, i % 3];
      return y < 0 || y > 3 || x < 0 || x > 3 ? 0 : inputs[(y * 4 + x) * 3 + channel]!;
    });
  }

  it.each([1, 6])('cuts every window of the image padded by %i with black, and no other', (padding) => {
    const dataset = countingDataset(1);
    const loader = new DataLoader(dataset, { ...PLAIN, transforms: { randomCrop: { padding } } });
    const seen = new Set<string>();
    for (let epoch = 0; epoch < 1500; epoch++) seen.add(String(bytesOf([...loader.epoch(epoch)][0]!)[0]));
    const offsets = inOrder(2 * padding + 1).map((i) => i - padding);
    expect(seen).toEqual(new Set(offsets.flatMap((top) => offsets.map((left) => String(window(top, left))))));
  });

  it('pads before normalising: the border is black, not the mean', () => {
    const transforms = {
      randomCrop: { padding: 4 },
      normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    };
    const batches = [...loaderOf(40, { transforms }).epoch(0)];
    expect(Math.min(...batches.flatMap((batch) => [...batch.inputs]))).toBe(-1);
  });
});

describe('options that cannot be', () => {
  it.each<[string, Partial<LoaderOptions>]>([
    ['batch size: 0 is not a positive integer', { batchSize: 0 }],
    ['limit: 2.5 is not a positive integer', { limit: 2.5 }],
    [
      'padding of the random crop: -1 is not a positive integer',
      { transforms: { randomCrop: { padding: -1 } } },
    ],
    ['probability of the random flip: 1.5 is not in 0 … 1', { transforms: { randomFlip: { p: 1.5 } } }],
    [
      'normalize.mean: 1 values for images of 3 channels',
      { transforms: { normalize: { mean: [0.5], std: [1, 1, 1] } } },
    ],
    [
      'normalize.std: [1, 0, 1] holds a value that cannot be used',
      { transforms: { normalize: { mean: [0, 0, 0], std: [1, 0, 1] } } },
    ],
    ['There is no batch to train on: 3 images, batches of 4', { limit: 3, dropLast: true }],
  ])('%s', (message, options) => {
    expect(() => loaderOf(10, options)).toThrow(LossnetError);
    expect(() => loaderOf(10, options)).toThrow(message);
  });

  it('are reported all at once', () => {
    expect(() => loaderOf(10, { batchSize: -1, limit: 0 })).toThrow(/batch size: -1.*\nlimit: 0/);
  });
});
