import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inMemory } from '../../../../../src/train/data/dataset.js';
import { CIFAR100_COARSE, CIFAR100_FINE } from '../../../../../src/train/data/sources/cifar/formats.js';
import { type Cifar100Options, cifar100 } from '../../../../../src/train/data/sources/cifar/index.js';
import { failure, temporaryFolder } from '../../helpers.js';

/** Records of a coarse label, a fine one, and an image whose bytes tell plane and place. */
function records(...labels: readonly (readonly [coarse: number, fine: number])[]): Uint8Array {
  const image = Array.from({ length: 3072 }, (_, i) => (Math.floor(i / 1024) * 80 + (i % 80)) % 256);
  return Uint8Array.from(labels.flatMap((pair) => [...pair, ...image]));
}

function write(train: Uint8Array, test: Uint8Array): Cifar100Options {
  const root = temporaryFolder();
  const folder = join(root, 'cifar-100-binary');
  mkdirSync(folder);
  writeFileSync(join(folder, 'train.bin'), train);
  writeFileSync(join(folder, 'test.bin'), test);
  return {
    ...{ type: 'cifar100', root, trainSplit: 'train', evalSplit: 'test' },
    ...{ download: false, labels: 'fine' },
  };
}

describe('cifar100', () => {
  it('has a hundred classes in twenty groups, in the order of the official lists', () => {
    expect([CIFAR100_FINE.length, new Set(CIFAR100_FINE).size]).toEqual([100, 100]);
    expect([CIFAR100_COARSE.length, new Set(CIFAR100_COARSE).size]).toEqual([20, 20]);
    expect(CIFAR100_FINE).toEqual([...CIFAR100_FINE].sort());
    expect([CIFAR100_FINE[47], CIFAR100_COARSE[17]]).toEqual(['maple_tree', 'trees']);
  });

  it('reads the class, or its group, and the pixels', async () => {
    const options = write(records([17, 47], [4, 0]), records([0, 99]));
    const fine = await cifar100(options).load();
    expect([[...fine.train.targets], [...fine.eval.targets]]).toEqual([[47, 0], [99]]);
    expect(inMemory(fine.train).subarray(0, 6)).toEqual(Uint8Array.of(0, 144, 208, 1, 145, 209));
    expect(fine.train.identity).toMatchObject({ name: 'cifar100', split: 'train', records: 2 });

    const coarse = await cifar100({ ...options, labels: 'coarse' }).load();
    expect([...coarse.train.targets]).toEqual([17, 4]);
    expect(coarse.train.spec.target.names).toEqual(CIFAR100_COARSE);
    expect(coarse.train.inputs).toEqual(fine.train.inputs);
  });

  it('says what is wrong with its files, and that it is not there', async () => {
    const damaged = write(records([17, 100]), records([20, 1]).subarray(0, 3000));
    const { code, message } = await failure(cifar100(damaged).load());
    expect(code).toBe('LOSSNET_DATA_CORRUPT');
    expect(message).toContain('CIFAR-100 cannot be loaded from');
    expect(message).toContain(
      'train.bin: record 0 (counted from 0) has the label 100, but labels are 0 to 99',
    );
    expect(message).toContain('test.bin: truncated or not of this format');

    const nowhere = await failure(cifar100({ ...damaged, root: temporaryFolder() }).load());
    expect(nowhere.code).toBe('LOSSNET_DATA_UNAVAILABLE');
    expect(nowhere.message).toContain('for cifar-100-binary/ and for train.bin … test.bin: not there');
    expect(nowhere.remedy).not.toContain('if_unavailable');
  });

  it('names the Python version where that is what lies there', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'cifar-100-python'));
    const options = write(records([1, 1]), records([1, 1]));
    expect((await failure(cifar100({ ...options, root }).load())).message).toContain(
      '(cifar-100-python is there',
    );
  });
});
