import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Cifar10Options, cifar10 } from '../../../../../src/train/data/sources/cifar/index.js';
import {
  describeArchive,
  FOLDER,
  failure,
  file,
  packCifar10,
  serve,
  temporaryFolder,
  writeCifar10,
} from '../../helpers.js';

const CIFAR10: Omit<Cifar10Options, 'root'> = {
  type: 'cifar10',
  trainSplit: 'train',
  evalSplit: 'test',
  download: false,
  ifUnavailable: 'error',
};

/** A server that has the archive, and one that has lost it. */
async function hooks(available: boolean) {
  const content = await packCifar10();
  const server = await serve(
    available ? file(content) : (_request, response) => response.writeHead(404).end(),
  );
  return { server, archive: describeArchive(server.url, content) };
}

describe('CIFAR-10', () => {
  it('is read from root, without asking the network', async () => {
    const root = temporaryFolder();
    writeCifar10(join(root, FOLDER));
    const { server, archive } = await hooks(true);
    const data = await cifar10({ ...CIFAR10, root, download: true }, archive).load();
    expect(data.train.identity).toMatchObject({ name: 'cifar10', split: 'train', records: 5 });
    expect(data.eval.identity).toMatchObject({ name: 'cifar10', split: 'test', records: 2 });
    expect(data.train.identity.source).toBe(join(root, FOLDER));
    expect(data.warnings).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  it('is loaded once when one split serves both purposes', async () => {
    const root = writeCifar10(temporaryFolder());
    rmSync(join(root, 'test_batch.bin'));
    const data = await cifar10({ ...CIFAR10, root, evalSplit: 'train' }).load();
    expect(data.eval).toBe(data.train);
  });

  it('may be trained on its test split', async () => {
    const root = writeCifar10(temporaryFolder());
    const data = await cifar10({ ...CIFAR10, root, trainSplit: 'test', evalSplit: 'train' }).load();
    expect([data.train.identity.split, data.eval.identity.split]).toEqual(['test', 'train']);
  });

  it('is downloaded when it is not there, and found the next time', async () => {
    const root = join(temporaryFolder(), 'data');
    const { server, archive } = await hooks(true);
    const options = { ...CIFAR10, root, download: true };
    const first = await cifar10(options, archive).load();
    const second = await cifar10(options, archive).load();
    expect(second.train.identity).toEqual(first.train.identity);
    expect(server.requests).toHaveLength(1);
  });
});

describe('CIFAR-10 that can be neither found nor downloaded', () => {
  it('is an error that says what was looked for, what was tried and what to do', async () => {
    const root = temporaryFolder();
    const { server, archive } = await hooks(false);
    const error = await failure(cifar10({ ...CIFAR10, root, download: true }, archive).load());
    expect(error.code).toBe('LOSSNET_DATA_UNAVAILABLE');
    const anonymous = (text = '') => text.replaceAll(root, '<root>').replaceAll(server.url, '<url>');
    expect(anonymous(error.message)).toMatchInlineSnapshot(`
      "CIFAR-10 is not available.
      Looked in <root> for cifar-10-batches-bin/ and for data_batch_1.bin … test_batch.bin: not there.
      Tried to download <url>: the server answers 404 Not Found."
    `);
    expect(anonymous(error.remedy)).toMatchInlineSnapshot(`
      "Put the files of <url> into <root>/cifar-10-batches-bin, or the archive itself into <root>.
      Or say where they are: LOSSNET_DATA=<folder>, or dataset.root: <folder>
      Or train on generated shapes in their place: dataset.if_unavailable: shapes
      Or begin without them: lossnet train configs/shapes-sgd.yaml"
    `);
  });

  it('says so when the download was not tried, and when only the Python version is there', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'cifar-10-batches-py'));
    const error = await failure(cifar10({ ...CIFAR10, root }).load());
    expect(error.message).toContain('Did not try to download it: dataset.download is false.');
    expect(error.message).toContain('cifar-10-batches-py is there');
    const elsewhere = await failure(cifar10({ ...CIFAR10, root: join(root, 'nowhere') }).load());
    expect(elsewhere.message).toContain('there is no such folder');
  });

  it('is replaced by shapes on request, with a warning, under their own name', async () => {
    const { archive } = await hooks(false);
    const options = { ...CIFAR10, root: temporaryFolder(), download: true, ifUnavailable: 'shapes' } as const;
    const data = await cifar10(options, archive).load();
    expect(data.train.identity).toMatchObject({
      name: 'shapes',
      split: 'train',
      records: 5000,
      standsInFor: 'cifar10',
    });
    expect(data.eval.identity).toMatchObject({
      name: 'shapes',
      split: 'test',
      records: 1000,
      standsInFor: 'cifar10',
    });
    expect(data.warnings).toEqual([
      'CIFAR-10 is not available (the server answers 404 Not Found). Generated shapes stand in for it: the results of this run are not results on CIFAR-10.',
    ]);
  });

  it('is replaced in the splits that were asked for', async () => {
    const options = {
      ...CIFAR10,
      root: temporaryFolder(),
      evalSplit: 'train',
      ifUnavailable: 'shapes',
    } as const;
    const data = await cifar10(options).load();
    expect(data.eval).toBe(data.train);
    expect(data.warnings[0]).toContain('the download is switched off');
  });

  it.skipIf(process.platform !== 'linux')(
    'is not replaced where a folder was named that cannot be made: nothing may hide that',
    async () => {
      const root = '/proc/lossnet';
      const { archive } = await hooks(true);
      const options = { ...CIFAR10, root, download: true, ifUnavailable: 'shapes' } as const;
      const { code, message } = await failure(cifar10(options, archive).load());
      expect([code, message]).toEqual([
        'LOSSNET_DATA_UNAVAILABLE',
        expect.stringContaining('cannot write /proc/lossnet'),
      ]);
    },
  );

  it('is not replaced when the download was stopped', async () => {
    const { archive } = await hooks(true);
    const reason = new Error('interrupted');
    const options = { ...CIFAR10, root: temporaryFolder(), download: true, ifUnavailable: 'shapes' } as const;
    const stopped = cifar10(options, archive).load({ signal: AbortSignal.abort(reason) });
    expect(await failure(stopped)).toBe(reason);
  });
});

describe('CIFAR-10 that is there but damaged', () => {
  it.each<[string, (folder: string) => void, string]>([
    ['incomplete', (folder) => rmSync(join(folder, 'data_batch_4.bin')), 'LOSSNET_DATA_MISSING'],
    ['cut short', (folder) => truncateSync(join(folder, 'test_batch.bin'), 5000), 'LOSSNET_DATA_CORRUPT'],
    [
      'empty',
      (folder) => readdirSync(folder).map((name) => rmSync(join(folder, name))),
      'LOSSNET_DATA_MISSING',
    ],
  ])('(%s) is an error, never replaced and never downloaded over', async (_what, damage, code) => {
    const root = temporaryFolder();
    damage(writeCifar10(join(root, FOLDER)));
    const { server, archive } = await hooks(true);
    const options = { ...CIFAR10, root, download: true, ifUnavailable: 'shapes' } as const;
    expect((await failure(cifar10(options, archive).load())).code).toBe(code);
    expect(server.requests).toEqual([]);
  });

  it('(an archive that is not the official one) is an error too', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'cifar-10-binary.tar.gz'), 'half');
    const { archive } = await hooks(true);
    const options = { ...CIFAR10, root, download: true, ifUnavailable: 'shapes' } as const;
    expect((await failure(cifar10(options, archive).load())).code).toBe('LOSSNET_DATA_CORRUPT');
  });

  it.each([true, false])(
    '(with download %s) has a remedy that promises no download in vain',
    async (download) => {
      const root = temporaryFolder();
      const folder = writeCifar10(join(root, FOLDER));
      truncateSync(join(folder, 'test_batch.bin'), 100);
      const data = cifar10({ ...CIFAR10, root, download });
      const { remedy } = await failure(data.load());
      expect(remedy?.includes('it is then downloaded again.')).toBe(download);
      // A report reads what the run had, and downloads nothing.
      const identity = { name: 'cifar10', split: 'test', source: folder, records: 2, sha256: '' } as const;
      expect((await failure(data.recall(identity, []))).remedy).not.toContain('download');
    },
  );

  it('(in all splits) is reported at once', async () => {
    const root = writeCifar10(temporaryFolder());
    for (const name of ['data_batch_2.bin', 'test_batch.bin']) truncateSync(join(root, name), 100);
    const error = await failure(cifar10({ ...CIFAR10, root }).load());
    expect(error.message).toContain('data_batch_2.bin');
    expect(error.message).toContain('test_batch.bin');
  });
});
