import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LossnetError } from '../../../../../src/base/errors.js';
import { inMemory } from '../../../../../src/train/data/dataset.js';
import { findCifar } from '../../../../../src/train/data/sources/cifar/files.js';
import { CIFAR10_CLASSES, CIFAR10 as FORMAT } from '../../../../../src/train/data/sources/cifar/formats.js';
import { readCifar } from '../../../../../src/train/data/sources/cifar/read.js';
import {
  ALL_FILES,
  asOrdinaryUser,
  batch,
  FOLDER,
  failure,
  TRAIN_FILES,
  temporaryFolder,
  writeCifar10,
} from '../../helpers.js';

/** Real images lie beside the project, since they may not be copied into it. */
const SAMPLE = resolve(import.meta.dirname, '../../../../shared/data/cifar10-sample');

describe('findCifar10', () => {
  it('finds the folder of the official archive, or the files in root itself', async () => {
    const root = temporaryFolder();
    expect(await findCifar(FORMAT, join(root, 'absent'))).toBeNull();
    expect(await findCifar(FORMAT, root)).toBeNull();
    writeCifar10(join(root, FOLDER));
    expect(await findCifar(FORMAT, root)).toBe(join(root, FOLDER));
    expect(await findCifar(FORMAT, join(root, FOLDER))).toBe(join(root, FOLDER));
  });

  it('finds incomplete data too, so that it is reported rather than replaced', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'data_batch_3.bin'), '');
    expect(await findCifar(FORMAT, root)).toBe(root);
  });

  it('refuses a root that cannot be listed', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'file'), '');
    const error = await failure(findCifar(FORMAT, join(root, 'file')));
    expect(error.code).toBe('LOSSNET_DATA_UNREADABLE');
    expect(error.message).toContain('(ENOTDIR)');
  });
});

describe('readCifar10', () => {
  it('turns the planes of the file into pixels', async () => {
    const folder = temporaryFolder();
    const record = new Uint8Array(3073);
    record[0] = 7;
    record.set([10, 11], 1); // red of the first two pixels
    record.set([20, 21], 1 + 1024); // green
    record.set([30, 31], 1 + 2048); // blue
    record[3072] = 99; // blue of the last pixel
    writeFileSync(join(folder, 'test_batch.bin'), record);
    const [test] = await readCifar(FORMAT, folder, ['test']);
    expect([...inMemory(test!).subarray(0, 6)]).toEqual([10, 20, 30, 11, 21, 31]);
    expect([...inMemory(test!).subarray(-3)]).toEqual([0, 0, 99]);
    expect([...test!.targets]).toEqual([7]);
    expect(test!.spec.input).toMatchObject({ height: 32, width: 32, channels: 3 });
    expect(test!.spec.target.names).toEqual(CIFAR10_CLASSES);
  });

  it('joins the five training files in order, whatever their sizes', async () => {
    const folder = writeCifar10(temporaryFolder());
    writeFileSync(join(folder, 'data_batch_2.bin'), batch([7, 7, 6], 2));
    const [train, test] = await readCifar(FORMAT, folder, ['train', 'test']);
    expect([...train!.targets]).toEqual([0, 7, 7, 6, 2, 3, 4]);
    expect(train!.inputs).toHaveLength(7 * 3072);
    expect([...test!.targets]).toEqual([8, 9]);
  });

  it('identifies what it read by the content, not by the place', async () => {
    const folder = writeCifar10(temporaryFolder());
    const copy = writeCifar10(temporaryFolder());
    const [test] = await readCifar(FORMAT, folder, ['test']);
    const [same] = await readCifar(FORMAT, copy, ['test']);
    const sha256 = createHash('sha256').update(inMemory(test!)).update(test!.targets).digest('hex');
    expect(test!.identity).toEqual({ name: 'cifar10', split: 'test', source: folder, records: 2, sha256 });
    expect(same!.identity.sha256).toBe(sha256);
    writeFileSync(join(copy, 'test_batch.bin'), batch([9, 8], 9));
    const [other] = await readCifar(FORMAT, copy, ['test']);
    expect(other!.identity.sha256).not.toBe(sha256);
  });

  it('needs only the files of the splits that are asked for', async () => {
    const folder = writeCifar10(temporaryFolder());
    rmSync(join(folder, 'test_batch.bin'));
    const [train] = await readCifar(FORMAT, folder, ['train']);
    expect(train!.identity.records).toBe(5);
  });

  it('reports every problem of every file at once', async () => {
    const folder = writeCifar10(temporaryFolder());
    rmSync(join(folder, 'data_batch_1.bin'));
    rmSync(join(folder, 'data_batch_2.bin'));
    mkdirSync(join(folder, 'data_batch_2.bin'));
    writeFileSync(join(folder, 'data_batch_3.bin'), '');
    truncateSync(join(folder, 'data_batch_4.bin'), 3000);
    rmSync(join(folder, 'data_batch_5.bin'));
    writeFileSync(join(folder, 'test_batch.bin'), batch([1, 10, 3, 255]));
    const error = await failure(readCifar(FORMAT, folder, ['train', 'test']));
    expect(error).toBeInstanceOf(LossnetError);
    expect(error.message.replaceAll(folder, '<folder>')).toMatchInlineSnapshot(`
      "CIFAR-10 cannot be loaded from <folder>:
        <folder>/data_batch_2.bin: a folder stands in place of the file
        <folder>/data_batch_3.bin: the file is empty
        <folder>/data_batch_4.bin: truncated or not of this format: 3000 bytes are 0 records of 3073 bytes and 3000 bytes more
        <folder>: incomplete: missing data_batch_1.bin, data_batch_5.bin
        <folder>/test_batch.bin: record 1 (counted from 0) has the label 10, but labels are 0 to 9; 2 records of the file are like that"
    `);
    expect(error.remedy?.replaceAll(folder, '<folder>')).toMatchInlineSnapshot(
      `"Put sound copies of the files named above into <folder>."`,
    );
  });

  it('lists all files of an empty folder, and says how to have it downloaded', async () => {
    const folder = join(temporaryFolder(), FOLDER);
    mkdirSync(folder);
    const error = await failure(readCifar(FORMAT, folder, ['train', 'test'], true));
    expect(error.code).toBe('LOSSNET_DATA_MISSING');
    for (const name of ALL_FILES) expect(error.message).toContain(name);
    expect(error.remedy).toContain(`Or remove ${folder}: it is then downloaded again.`);
  });

  it.each([
    [
      false,
      (folder: string) => `\nOr set dataset.download to true and remove ${folder}: it is then downloaded.`,
    ],
    [null, () => ''],
  ])('promises no download where there is none: %s', async (download, more) => {
    const folder = join(temporaryFolder(), FOLDER);
    mkdirSync(folder);
    const error = await failure(readCifar(FORMAT, folder, ['train'], download));
    expect(error.remedy).toBe(`Put sound copies of the files named above into ${folder}.${more(folder)}`);
  });

  it('says which record has an impossible label', async () => {
    const folder = writeCifar10(temporaryFolder());
    writeFileSync(join(folder, 'data_batch_5.bin'), batch([9, 0, 10]));
    const error = await failure(readCifar(FORMAT, folder, ['train']));
    expect(error.code).toBe('LOSSNET_DATA_CORRUPT');
    expect(error.message).toContain(
      'data_batch_5.bin: record 2 (counted from 0) has the label 10, but labels are 0 to 9',
    );
  });

  it('names the files that may not be read', async () => {
    const folder = writeCifar10(temporaryFolder());
    for (const name of TRAIN_FILES.slice(0, 2)) chmodSync(join(folder, name), 0);
    const error = await asOrdinaryUser(() => failure(readCifar(FORMAT, folder, ['train'])));
    expect(error.code).toBe('LOSSNET_DATA_UNREADABLE');
    expect(error.message).toContain('data_batch_1.bin: cannot be read: permission denied (EACCES)');
    expect(error.message).toContain('data_batch_2.bin: cannot be read: permission denied (EACCES)');
    expect(error.remedy).toBe('Make the files readable for the user that runs lossnet.');
  });
});

describe.skipIf(!existsSync(SAMPLE))(
  'the real images (skipped where there are none beside the project)',
  () => {
    it('begin with the frog of the official training set', async () => {
      const [train, test] = await readCifar(FORMAT, (await findCifar(FORMAT, SAMPLE))!, ['train', 'test']);
      expect([train!.identity.records, test!.identity.records]).toEqual([5000, 1000]);
      expect(CIFAR10_CLASSES[train!.targets[0]!]).toBe('frog');
      expect([...inMemory(train!).subarray(0, 6)]).toEqual([59, 62, 63, 43, 46, 45]);
      expect(CIFAR10_CLASSES[test!.targets[0]!]).toBe('cat');
    });
  },
);
