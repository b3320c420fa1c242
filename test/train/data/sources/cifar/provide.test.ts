import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DownloadError } from '../../../../../src/train/data/fetch/archive.js';
import { CIFAR10 as FORMAT } from '../../../../../src/train/data/sources/cifar/formats.js';
import { provideCifar } from '../../../../../src/train/data/sources/cifar/provide.js';
import {
  ALL_FILES,
  type Answer,
  asOrdinaryUser,
  batch,
  breaksAfter,
  describeArchive,
  FOLDER,
  failure,
  file,
  packCifar10,
  serve,
  temporaryFolder,
} from '../../helpers.js';

const NAME = 'cifar-10-binary.tar.gz';
const TIMING = { idle: 1000, backoff: 1 };

/** A server for an archive, and what is needed to download it. */
async function offer(content: Buffer, ...answers: Answer[]) {
  const server = await serve(...(answers.length > 0 ? answers : [file(content)]));
  return { server, options: { archive: describeArchive(server.url, content), timing: TIMING } };
}

describe('provideCifar10', () => {
  it('makes root, downloads, unpacks, and leaves nothing but the files', async () => {
    const root = join(temporaryFolder(), 'deep', 'data');
    const { options } = await offer(await packCifar10());
    expect(await provideCifar(FORMAT, root, options)).toBe(join(root, FOLDER));
    expect(readdirSync(join(root, FOLDER)).sort()).toEqual(ALL_FILES);
    expect(readFileSync(join(root, FOLDER, 'data_batch_1.bin'))).toEqual(Buffer.from(batch([0], 0)));
    expect(readdirSync(root)).toEqual([FOLDER]);
  });

  it('goes on after being killed: with the part, without what was half unpacked and the dead lock', async () => {
    const root = temporaryFolder();
    const content = await packCifar10();
    const { server, options } = await offer(content);
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(root, `${NAME}.part`), content.subarray(0, 5000));
    writeFileSync(join(root, `${NAME}.lock`), JSON.stringify({ pid, host: hostname() }));
    mkdirSync(join(root, `${FOLDER}.unpacking-killed`));
    await provideCifar(FORMAT, root, options);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual(['bytes=5000-']);
    expect(readdirSync(root)).toEqual([FOLDER]);
  });

  it('downloads once for several that want the same, each of which hears of the progress', async () => {
    const root = temporaryFolder();
    const content = await packCifar10();
    const slow: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 5000));
      setTimeout(() => response.end(content.subarray(5000)), 300);
    };
    const { server, options } = await offer(content, slow);
    const heard = [0, 0, 0];
    const all = heard.map((_, i) =>
      provideCifar(FORMAT, root, {
        ...options,
        onProgress: () => {
          heard[i]! += 1;
        },
      }),
    );
    expect(await Promise.all(all)).toEqual(Array(3).fill(join(root, FOLDER)));
    expect(server.requests).toHaveLength(1);
    expect(Math.min(...heard)).toBeGreaterThan(0);
    expect(readdirSync(root)).toEqual([FOLDER]);
  });

  it('uses the archive itself when somebody put it into root, and keeps it', async () => {
    const root = temporaryFolder();
    const content = await packCifar10();
    writeFileSync(join(root, NAME), content);
    const { server, options } = await offer(content);
    await provideCifar(FORMAT, root, options);
    expect(server.requests).toEqual([]);
    expect(readdirSync(root).sort()).toEqual([FOLDER, NAME].sort());
  });

  it('refuses an archive in root that is not the official one, but never removes it', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, NAME), 'half an archive');
    const { server, options } = await offer(await packCifar10());
    const error = await failure(provideCifar(FORMAT, root, options));
    expect(error.code).toBe('LOSSNET_DATA_CORRUPT');
    expect(error.message).toContain(`${join(root, NAME)} is not the official archive`);
    expect(server.requests).toEqual([]);
    expect(readdirSync(root)).toEqual([NAME]);
  });
});

describe('when it fails', () => {
  it('nothing is left behind, not even the folders that it made', async () => {
    const home = temporaryFolder();
    const { options } = await offer(await packCifar10(), (_request, response) =>
      response.writeHead(404).end(),
    );
    const error = await failure(provideCifar(FORMAT, join(home, 'deep', 'data'), options));
    expect(error).toBeInstanceOf(DownloadError);
    expect(readdirSync(home)).toEqual([]);
  });

  it('only a part that can be gone on from is kept', async () => {
    const root = temporaryFolder();
    const content = await packCifar10();
    const { options } = await offer(content, breaksAfter(content, 5000));
    await failure(provideCifar(FORMAT, root, options));
    expect(readdirSync(root)).toEqual([`${NAME}.part`]);
  });

  it('being stopped is not a failure of the download', async () => {
    const root = temporaryFolder();
    const { options } = await offer(await packCifar10());
    const reason = new Error('interrupted');
    expect(await failure(provideCifar(FORMAT, root, { ...options, signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it('for want of permission, it says so', async () => {
    const home = temporaryFolder();
    const { options } = await offer(await packCifar10());
    chmodSync(home, 0o555);
    const error = await asOrdinaryUser(() => failure(provideCifar(FORMAT, join(home, 'data'), options)));
    chmodSync(home, 0o755);
    expect(error).toBeInstanceOf(DownloadError);
    expect(error.message).toBe(`cannot write ${join(home, 'data')}: permission denied (EACCES)`);
    expect(readdirSync(home)).toEqual([]);
  });

  it('because something is in the way, it says so', async () => {
    const home = temporaryFolder();
    writeFileSync(join(home, 'data'), 'a file');
    const { options } = await offer(await packCifar10());
    const error = await failure(provideCifar(FORMAT, join(home, 'data'), options));
    expect(error.message).toBe(
      `cannot write ${join(home, 'data')}: something of that name is in the way (EEXIST)`,
    );
  });
});

/** A file system of one megabyte; null where the system does not let us make one. */
function tinyDisk(): string | null {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  if (made.status !== 0) return null;
  onTestFinished(() => {
    spawnSync('umount', [folder]);
    rmdirSync(folder);
    rmdirSync(dirname(folder));
  });
  return folder;
}

describe('on a disk that is full (skipped where no small one can be mounted)', () => {
  it('it says beforehand what is needed', async ({ skip }) => {
    const root = tinyDisk();
    if (root === null) return skip('cannot mount a tmpfs');
    const { server, options } = await offer(Buffer.alloc(600_000));
    const error = await failure(provideCifar(FORMAT, root, options));
    expect(error.message).toBe(`the disk is too full: ${root} needs 2 MB, and 2 MB are free`);
    expect(server.requests).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });

  it('it gives back the room of a download that does not fit', async ({ skip }) => {
    const root = tinyDisk();
    if (root === null) return skip('cannot mount a tmpfs');
    const content = Buffer.alloc(400_000, 'x');
    const { options } = await offer(content, (_request, response) => {
      writeFileSync(join(root, 'filler'), Buffer.alloc(800_000));
      response.end(content);
    });
    const error = await failure(provideCifar(FORMAT, root, options));
    expect(error.message).toBe(`cannot write ${join(root, `${NAME}.part`)}: the disk is full (ENOSPC)`);
    expect(readdirSync(root)).toEqual(['filler']);
  });

  it('it gives back the room of what was half unpacked, and keeps the download', async ({ skip }) => {
    const root = tinyDisk();
    if (root === null) return skip('cannot mount a tmpfs');
    const content = await packCifar10((folder) => {
      for (const name of ALL_FILES) writeFileSync(join(folder, name), Buffer.alloc(3073 * 100, 1));
    });
    const { options } = await offer(content);
    const error = await failure(provideCifar(FORMAT, root, options));
    expect(error.message).toBe(`cannot write ${join(root, FOLDER)}: the disk is full (ENOSPC)`);
    expect(readdirSync(root)).toEqual([`${NAME}.part`]);
  });
});
