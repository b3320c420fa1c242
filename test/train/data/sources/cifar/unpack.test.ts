import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { describe, expect, it } from 'vitest';
import { DownloadError } from '../../../../../src/train/data/fetch/archive.js';
import { CIFAR10 as FORMAT } from '../../../../../src/train/data/sources/cifar/formats.js';
import { removeHalfUnpacked, unpackCifar } from '../../../../../src/train/data/sources/cifar/unpack.js';
import {
  ALL_FILES,
  asOrdinaryUser,
  batch,
  FOLDER,
  failure,
  packCifar10,
  temporaryFolder,
} from '../../helpers.js';

/** Packs the six files, changed by `prepare`, and unpacks them. */
async function unpacked(prepare?: (folder: string) => void): Promise<string> {
  const root = temporaryFolder();
  writeFileSync(join(root, 'archive'), await packCifar10(prepare));
  await unpackCifar(FORMAT, join(root, 'archive'), join(root, FOLDER));
  return join(root, FOLDER);
}

/** A tar file made by hand: what no well-meaning program writes. */
function handmade(
  ...entries: { path: string; type?: 'File' | 'SymbolicLink'; linkpath?: string; content?: Uint8Array }[]
) {
  const blocks = entries.flatMap(({ path, type = 'File', linkpath, content = new Uint8Array() }) => {
    const header = new Header({
      path,
      type,
      mode: 0o777,
      size: content.length,
      ...(linkpath ? { linkpath } : {}),
    });
    const block = Buffer.alloc(512);
    header.encode(block);
    return [block, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

describe('unpackCifar10', () => {
  it('makes the folder with the files of the archive, and leaves nothing else', async () => {
    const folder = await unpacked((source) => writeFileSync(join(source, 'readme.html'), 'hello'));
    expect(readdirSync(folder).sort()).toEqual([...ALL_FILES, 'readme.html'].sort());
    expect(readFileSync(join(folder, 'data_batch_3.bin'))).toEqual(Buffer.from(batch([2], 2)));
    expect(readdirSync(dirname(folder)).sort()).toEqual(['archive', FOLDER]);
  });

  it('takes nothing but the expected files', async () => {
    const folder = await unpacked((source) => {
      writeFileSync(join(source, 'surprise.sh'), 'rm -rf /');
      mkdirSync(join(source, 'nested'));
      writeFileSync(join(source, 'nested', 'data_batch_1.bin'), '');
      symlinkSync('/etc/passwd', join(source, 'batches.meta.txt'));
      linkSync(join(source, 'data_batch_1.bin'), join(source, 'readme.html'));
    });
    const names = readdirSync(folder).sort();
    expect(names).toEqual(ALL_FILES);
  });

  it('writes nothing outside its folder, whatever the archive says', async () => {
    const root = temporaryFolder();
    const outside = temporaryFolder();
    const evil = new Uint8Array(10);
    const archive = handmade(
      { path: '../escaped', content: evil },
      { path: `${FOLDER}/../../escaped`, content: evil },
      { path: `${outside}/escaped`, content: evil },
      { path: FOLDER, type: 'SymbolicLink', linkpath: outside },
      ...ALL_FILES.map((name) => ({ path: `${FOLDER}/${name}`, content: batch([1]) })),
    );
    writeFileSync(join(root, 'archive'), archive);
    await unpackCifar(FORMAT, join(root, 'archive'), join(root, FOLDER));
    expect(readdirSync(join(root, FOLDER)).sort()).toEqual(ALL_FILES);
    expect(readdirSync(root).sort()).toEqual(['archive', FOLDER]);
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync(join(dirname(root), 'escaped'))).toBe(false);
  });

  it('gives the files ordinary permissions, not those of the archive', async () => {
    const folder = await unpacked((source) => chmodSync(join(source, 'test_batch.bin'), 0o4777));
    expect(statSync(join(folder, 'test_batch.bin')).mode & 0o7777).toBe(0o644 & ~process.umask());
    expect(statSync(folder).mode & 0o777).toBe(0o777 & ~process.umask());
  });

  it.each<[string, (root: string) => Promise<Buffer>, RegExp]>([
    [
      'lacks files',
      () => packCifar10((folder) => rmSync(join(folder, 'data_batch_2.bin'))),
      /does not hold data_batch_2.bin/,
    ],
    [
      'has a file of unreasonable size',
      () => packCifar10((folder) => truncateSync(join(folder, 'test_batch.bin'), 2 ** 26 + 1)),
      /does not hold test_batch.bin|max decompression ratio/,
    ],
    ['is cut short', async () => (await packCifar10()).subarray(0, 9000), /is damaged/],
    ['is none', async () => Buffer.from('<html>Please log in</html>'), /is damaged/],
  ])('refuses an archive that %s, and leaves nothing', async (_what, make, message) => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'archive'), await make(root));
    const error = await failure(unpackCifar(FORMAT, join(root, 'archive'), join(root, FOLDER)));
    expect(error).toBeInstanceOf(DownloadError);
    expect(error.message).toMatch(message);
    expect(readdirSync(root)).toEqual(['archive']);
  });

  it('leaves a folder that another process made meanwhile as it is', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'archive'), await packCifar10());
    mkdirSync(join(root, FOLDER));
    writeFileSync(join(root, FOLDER, 'test_batch.bin'), 'theirs');
    await unpackCifar(FORMAT, join(root, 'archive'), join(root, FOLDER));
    expect(readdirSync(join(root, FOLDER))).toEqual(['test_batch.bin']);
    expect(readdirSync(root).sort()).toEqual(['archive', FOLDER]);
  });

  it('says where it may not write', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'archive'), await packCifar10());
    chmodSync(root, 0o555);
    const folder = join(root, FOLDER);
    const error = await asOrdinaryUser(() => failure(unpackCifar(FORMAT, join(root, 'archive'), folder)));
    chmodSync(root, 0o755);
    expect(error.message).toBe(`cannot write ${folder}: permission denied (EACCES)`);
  });
});

describe('removeHalfUnpacked', () => {
  it('removes what a killed process left, and nothing else', async () => {
    const root = temporaryFolder();
    for (const name of [`${FOLDER}.unpacking-1`, `${FOLDER}.old`, FOLDER]) mkdirSync(join(root, name));
    writeFileSync(join(root, `${FOLDER}.unpacking-1`, 'test_batch.bin'), 'half');
    await removeHalfUnpacked(join(root, FOLDER));
    expect(readdirSync(root).sort()).toEqual([FOLDER, `${FOLDER}.old`]);
  });
});
