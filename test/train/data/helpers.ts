import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { onTestFinished } from 'vitest';
import type { LossnetError } from '../../../src/base/errors.js';
import type { Dataset } from '../../../src/train/data/dataset.js';
import type { Archive } from '../../../src/train/data/fetch/archive.js';
import { RandomStream } from '../../../src/train/random.js';

export const TRAIN_FILES = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
export const ALL_FILES = [...TRAIN_FILES, 'test_batch.bin'];
export const FOLDER = 'cifar-10-batches-bin';

/** A folder that is gone after the test. Other users may enter it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lossnet-data-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A batch file's content: one record per label, its pixels random but the same in every run. */
export function batch(labels: readonly number[], key = 0): Uint8Array {
  const random = new RandomStream(1, 'shapes', 'batch', key);
  return Uint8Array.from(
    labels.flatMap((label) => [label, ...Array.from({ length: 3072 }, () => random.integer(256))]),
  );
}

/** Writes six batch files of one or two records each; returns their folder. */
export function writeCifar10(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const [i, name] of TRAIN_FILES.entries()) writeFileSync(join(folder, name), batch([i], i));
  writeFileSync(join(folder, 'test_batch.bin'), batch([8, 9], 9));
  return folder;
}

/** Images whose every byte tells its record and its place: what a loader does to them can be read off. */
export function countingDataset(records: number, side = 4, channels = 3): Dataset {
  const pixels = side * side * channels;
  return {
    identity: { name: 'counting', split: 'train', source: 'generated', records, sha256: '' },
    spec: {
      name: 'counting',
      input: { kind: 'image', height: side, width: side, channels },
      target: { kind: 'class', names: Array.from({ length: 10 }, (_, i) => `${i}`) },
    },
    inputs: Uint8Array.from({ length: records * pixels }, (_, i) => 1 + ((i + Math.floor(i / pixels)) % 255)),
    targets: Uint8Array.from({ length: records }, (_, i) => i % 10),
  };
}

/** An archive like the official one. `prepare` may spoil the folder that is packed. */
export async function packCifar10(prepare: (folder: string) => void = () => {}): Promise<Buffer> {
  const source = temporaryFolder();
  prepare(writeCifar10(join(source, FOLDER)));
  const file = join(source, 'archive.tar.gz');
  await create({ file, cwd: source, gzip: { level: 1 }, portable: true }, [FOLDER]);
  return readFileSync(file);
}

export function describeArchive(url: string, content: Uint8Array): Archive {
  return { url, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface Server {
  readonly url: string;
  /** What was asked, in order. */
  readonly requests: IncomingMessage[];
}

/** A web server on this machine. Request i is answered by `answers[i]`, all further ones by the last. */
export async function serve(...answers: Answer[]): Promise<Server> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answers[Math.min(requests.length, answers.length) - 1]!(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/cifar-10-binary.tar.gz`, requests };
}

/** An address of this machine where nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/archive.tar.gz`;
}

/** Answers like a file server, ranges included. */
export function file(content: Buffer, etag = '"v1"'): Answer {
  return ({ headers }, response) => {
    const range = /^bytes=(\d+)-$/.exec(headers.range ?? '');
    const matches = headers['if-range'] === undefined || headers['if-range'] === etag;
    const from = range && matches ? Number(range[1]) : 0;
    response.writeHead(from > 0 ? 206 : 200, {
      etag,
      'content-length': content.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    response.end(content.subarray(from));
  };
}

/** Announces everything, sends so many bytes, and breaks the connection. */
export function breaksAfter(content: Buffer, bytes: number, etag = '"v1"'): Answer {
  return (_request, response) => {
    response.writeHead(200, { etag, 'content-length': content.length });
    response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20));
  };
}

/** The error that a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<LossnetError> {
  try {
    await promise;
  } catch (error) {
    return error as LossnetError;
  }
  throw new Error('it did not fail');
}

/** Runs something without the rights of the superuser, whom no permission stops. */
export async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return await work();
  process.seteuid!(65534);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}
