import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CIFAR10_ARCHIVE,
  DownloadError,
  type DownloadHooks,
} from '../../../../src/train/data/fetch/archive.js';
import { downloadArchive } from '../../../../src/train/data/fetch/download.js';
import { transfer } from '../../../../src/train/data/fetch/transfer.js';
import { RandomStream } from '../../../../src/train/random.js';
import {
  type Answer,
  breaksAfter,
  deadUrl,
  describeArchive,
  failure,
  file,
  type Server,
  serve,
  temporaryFolder,
} from '../helpers.js';

const random = new RandomStream(1, 'shapes', 'archive');
const CONTENT = Buffer.from(Uint8Array.from({ length: 300_000 }, () => random.integer(256)));
const TIMING = { idle: 10_000, backoff: 1 };

/** Downloads CONTENT into a new part file, which may hold something already. */
async function download(
  server: Server,
  before: Uint8Array | null = null,
  hooks: DownloadHooks = {},
  timing = TIMING,
) {
  const folder = temporaryFolder();
  const part = join(folder, 'archive.part');
  if (before) writeFileSync(part, before);
  const result = downloadArchive(describeArchive(server.url, CONTENT), part, hooks, timing);
  const error = await result.then(
    () => null,
    (error: Error) => error,
  );
  return {
    error,
    part: existsSync(part) ? readFileSync(part) : null,
    others: readdirSync(folder).length - 1,
  };
}

const ranges = (server: Server) => server.requests.map(({ headers }) => headers.range);
const status =
  (code: number): Answer =>
  (_request, response) =>
    response.writeHead(code).end();

describe('a download', () => {
  it('brings the file and tells how far it is', async () => {
    const server = await serve(file(CONTENT));
    const progress: [number, number][] = [];
    const { error, part } = await download(server, null, {
      onProgress: (...figures) => progress.push(figures),
    });
    expect(error).toBeNull();
    expect(part?.equals(CONTENT)).toBe(true);
    expect(progress[0]).toEqual([0, CONTENT.length]);
    expect(progress.at(-1)).toEqual([CONTENT.length, CONTENT.length]);
    expect(progress.map(([received]) => received)).toEqual(
      progress.map(([received]) => received).sort((a, b) => a - b),
    );
    expect(server.requests).toHaveLength(1);
  });

  it('is, unless said otherwise, that of the official archive', () => {
    expect(CIFAR10_ARCHIVE.url).toBe('https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz');
    expect(CIFAR10_ARCHIVE.bytes).toBe(170_052_171);
  });
});

describe('a part that an earlier download left', () => {
  it('is gone on from', async () => {
    const server = await serve(file(CONTENT));
    const progress: number[] = [];
    const { error, part } = await download(server, CONTENT.subarray(0, 100_000), {
      onProgress: (received) => progress.push(received),
    });
    expect(error).toBeNull();
    expect(part?.equals(CONTENT)).toBe(true);
    expect(ranges(server)).toEqual(['bytes=100000-']);
    expect(progress[0]).toBe(100_000);
  });

  it('is begun anew where the server knows no ranges', async () => {
    const whole: Answer = (_request, response) => response.end(CONTENT);
    const { error, part } = await download(await serve(whole), CONTENT.subarray(0, 100_000));
    expect(error).toBeNull();
    expect(part?.equals(CONTENT)).toBe(true);
  });

  it.each<[string, Answer]>([
    ['refuses the range', status(416)],
    [
      'sends another range',
      (_request, response) => {
        const headers = { 'content-range': `bytes 5-299999/${CONTENT.length}` };
        response.writeHead(206, headers).end(CONTENT.subarray(5));
      },
    ],
  ])('is begun anew where the server %s', async (_what, answer) => {
    const server = await serve(answer, file(CONTENT));
    const { error, part } = await download(server, CONTENT.subarray(0, 100_000));
    expect(error).toBeNull();
    expect(part?.equals(CONTENT)).toBe(true);
    expect(ranges(server)).toEqual(['bytes=100000-', undefined]);
  });

  it('is not asked for again when it is complete', async () => {
    const server = await serve(status(500));
    const { error } = await download(server, CONTENT);
    expect(error).toBeNull();
    expect(server.requests).toEqual([]);
  });

  it('is thrown away when it is longer than the archive', async () => {
    const server = await serve(file(CONTENT));
    const { error, part } = await download(server, Buffer.concat([CONTENT, CONTENT]));
    expect(error).toBeNull();
    expect(part?.equals(CONTENT)).toBe(true);
    expect(ranges(server)).toEqual([undefined]);
  });

  it('is thrown away when it turns out to be of something else', async () => {
    const server = await serve(file(CONTENT));
    const { error, part } = await download(server, new Uint8Array(100_000));
    expect(error).toBeInstanceOf(DownloadError);
    expect(error!.message).toMatch(/^what was downloaded is not the archive: SHA-256 [0-9a-f]{64}, not /);
    expect(part).toBeNull();
  });
});

describe('a failure that may pass', () => {
  it('of the connection is retried from where it broke, if the file is still the same', async () => {
    const server = await serve(breaksAfter(CONTENT, 120_000), file(CONTENT));
    const { error, part } = await download(server);
    expect(error).toBeNull();
    expect(part?.equals(CONTENT)).toBe(true);
    expect(ranges(server)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
    expect(server.requests[1]!.headers['if-range']).toBe('"v1"');
  });

  it('begins anew if the file has changed meanwhile', async () => {
    const server = await serve(breaksAfter(Buffer.alloc(CONTENT.length), 120_000, '"v0"'), file(CONTENT));
    const { error, part } = await download(server);
    expect(error).toBeNull();
    expect(part?.equals(CONTENT)).toBe(true);
  });

  it('relies on no weak entity tag', async () => {
    const server = await serve(breaksAfter(CONTENT, 120_000, 'W/"v1"'), file(CONTENT, 'W/"v1"'));
    const { error } = await download(server);
    expect(error).toBeNull();
    expect(server.requests[1]!.headers['if-range']).toBeUndefined();
  });

  it.each([408, 429, 500, 503])('of the server (%i) is retried', async (code) => {
    const server = await serve(status(code), status(code), file(CONTENT));
    const { error } = await download(server);
    expect(error).toBeNull();
    expect(server.requests).toHaveLength(3);
  });

  it('is retried but a few times', async () => {
    const server = await serve(status(503));
    const { error } = await download(server);
    expect(error).toBeInstanceOf(DownloadError);
    expect(error!.message).toBe('the server answers 503 Service Unavailable, 4 times in a row');
    expect(server.requests).toHaveLength(4);
  });

  it('keeps what has arrived, for the next download', async () => {
    const breaks = breaksAfter(CONTENT, 120_000);
    const { error, part } = await download(await serve(breaks));
    expect(error!.message).toMatch(/^the connection broke \(\w+\), 4 times in a row$/);
    expect(part!.length).toBeGreaterThan(0);
    expect(part?.equals(CONTENT.subarray(0, part.length))).toBe(true);
  });

  it.each<[string, Answer]>([
    ['never answers', () => {}],
    [
      'falls silent',
      (_request, response) => {
        response.writeHead(200, { 'content-length': CONTENT.length });
        response.write(CONTENT.subarray(0, 10));
      },
    ],
  ])('is also a server that %s: nothing hangs', async (_what, answer) => {
    const { error } = await download(await serve(answer), null, {}, { idle: 200, backoff: 1 });
    expect(error!.message).toBe('nothing came for 0.2 s, 4 times in a row');
  });

  it('is a server that is not there, for the moment', async () => {
    const { error } = await download({ url: await deadUrl(), requests: [] });
    expect(error!.message).toBe('the connection was refused (ECONNREFUSED), 4 times in a row');
  });
});

describe('a failure that will not pass is reported at once:', () => {
  it.each<[string, Answer, string]>([
    ['a file that is not there', status(404), 'the server answers 404 Not Found'],
    ['a refusal', status(403), 'the server answers 403 Forbidden'],
    [
      'another file, such as the page of a login portal',
      (_request, response) => response.end('<html>Please log in</html>'),
      'the server has 26 bytes there, but the archive has 300000',
    ],
    [
      'another file of unknown length, too short',
      (_request, response) => {
        response.write('<html>');
        response.end('</html>');
      },
      'the server sent only 13 bytes, but the archive has 300000',
    ],
    [
      'another file of unknown length, too long',
      (_request, response) => {
        response.write(CONTENT);
        response.end('more');
      },
      'the server sent more bytes, but the archive has 300000',
    ],
  ])('%s', async (_what, answer, message) => {
    const server = await serve(answer);
    const { error, part } = await download(server);
    expect(error).toBeInstanceOf(DownloadError);
    expect(error!.message).toBe(message);
    expect(part).toBeNull();
    expect(server.requests).toHaveLength(1);
  });

  it('a name that does not exist', async () => {
    const nowhere = { url: 'http://nowhere.invalid/archive.tar.gz', requests: [] };
    const { error } = await download(nowhere);
    expect(error!.message).toMatch(/^its name cannot be resolved/);
  });

  it.skipIf(!existsSync('/dev/full'))('a disk that is full', async () => {
    const server = await serve(file(CONTENT));
    const part = join(temporaryFolder(), 'part');
    symlinkSync('/dev/full', part);
    const archive = describeArchive(server.url, CONTENT);
    const error = await failure(transfer({ archive, part, from: 0, etag: null, idle: 1000 }, () => {}));
    expect(error.message).toBe(`cannot write ${part}: the disk is full (ENOSPC)`);
    expect(existsSync(part)).toBe(false);
  });

  it('a folder that cannot be written', async () => {
    const server = await serve(file(CONTENT));
    const archive = describeArchive(server.url, CONTENT);
    const notAFolder = join(temporaryFolder(), 'file');
    writeFileSync(notAFolder, '');
    const error = await failure(downloadArchive(archive, join(notAFolder, 'part'), {}, TIMING));
    expect(error.message).toContain('a part of the path is a file, not a folder (ENOTDIR)');
  });
});

describe('stopping', () => {
  it('ends the download with the reason and keeps what has arrived', async () => {
    const controller = new AbortController();
    const reason = new Error('interrupted');
    const slow: Answer = (_request, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 50_000));
    };
    const { error, part } = await download(await serve(slow), null, {
      signal: controller.signal,
      onProgress: (received) => {
        if (received === 50_000) controller.abort(reason);
      },
    });
    expect(error).toBe(reason);
    expect(part?.equals(CONTENT.subarray(0, 50_000))).toBe(true);
  });

  it('before it begins asks for nothing', async () => {
    const server = await serve(file(CONTENT));
    const { error } = await download(server, null, { signal: AbortSignal.abort(new Error('interrupted')) });
    expect(error!.message).toBe('interrupted');
    expect(server.requests).toEqual([]);
  });

  it('does not wait for the next retry', async () => {
    const server = await serve(status(503));
    const archive = describeArchive(server.url, CONTENT);
    const signal = AbortSignal.timeout(100);
    const part = join(temporaryFolder(), 'part');
    const error = await failure(downloadArchive(archive, part, { signal }, { idle: 1000, backoff: 60_000 }));
    expect(signal.aborted).toBe(true);
    expect(error).not.toBeInstanceOf(DownloadError);
  });
});
