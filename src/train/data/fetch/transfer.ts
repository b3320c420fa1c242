import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Archive, cannotWrite, DownloadError, type DownloadHooks } from './archive.js';
import { networkFailure, TransientFailure } from './network-errors.js';

/** What one request needs to know. */
export interface Transfer extends DownloadHooks {
  readonly archive: Archive;
  /** The file that is written. */
  readonly part: string;
  /** Bytes that `part` holds already. */
  readonly from: number;
  /** The entity tag that those bytes came with, if known. */
  readonly etag: string | null;
  /** Milliseconds without a byte after which the connection is given up. */
  readonly idle: number;
}

const RETRIED_STATUS = [408, 425, 429, 500, 502, 503, 504];

/**
 * Makes one HTTP request for the rest of an archive and appends what comes to the part file.
 *
 * @param options what, where to, and from which byte
 * @param onEtag told the entity tag of what is being received
 * @throws TransientFailure when another request may succeed
 * @throws DownloadError when none will: the server refuses, the content is wrong, or the disk
 */
export async function transfer(options: Transfer, onEtag: (etag: string | null) => void): Promise<void> {
  const { archive, from, etag, idle, signal } = options;
  const connection = new AbortController();
  const stop = () => connection.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (from > 0) headers.range = `bytes=${from}-`;
    // A weak tag does not promise equal bytes. Without a tag the checksum has the last word.
    if (from > 0 && etag !== null && !etag.startsWith('W/')) headers['if-range'] = etag;
    const response = await within(
      idle,
      connection,
      fetch(archive.url, { headers, signal: connection.signal }),
    );
    onEtag(response.headers.get('etag'));
    const start = await startOf(response, options);
    await receive(response, start, options, connection);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    // Closes the connection, also when the body has not been read to its end.
    connection.abort();
  }
}

/** Waits for the network, but not for ever. */
async function within<T>(idle: number, connection: AbortController, event: Promise<T>): Promise<T> {
  const timeout = new TransientFailure(`nothing came for ${idle / 1000} s`);
  const timer = setTimeout(() => connection.abort(timeout), idle);
  try {
    return await event;
  } catch (error) {
    throw networkFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

/** At which byte of the archive the response's body begins. */
async function startOf(response: Response, { archive, part, from }: Transfer): Promise<number> {
  const { status, statusText, headers } = response;
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
    if (range && Number(range[1]) === from) {
      if (range[2] !== '*') await requireSize(Number(range[2]), archive, part);
      return from;
    }
  }
  // Another range than asked for, or none: what is on disk is not the beginning of what the server has.
  if (status === 206 || status === 416) {
    await rm(part, { force: true });
    throw new TransientFailure(`the server cannot continue at byte ${from} (status ${status})`);
  }
  if (status !== 200) {
    const message = `the server answers ${status} ${statusText}`.trimEnd();
    throw RETRIED_STATUS.includes(status) ? new TransientFailure(message) : new DownloadError(message);
  }
  const length = headers.get('content-length');
  if (length !== null && !headers.has('content-encoding')) await requireSize(Number(length), archive, part);
  return 0;
}

async function requireSize(bytes: number, archive: Archive, part: string): Promise<void> {
  if (bytes === archive.bytes) return;
  await rm(part, { force: true });
  throw new DownloadError(`the server has ${bytes} bytes there, but the archive has ${archive.bytes}`);
}

async function receive(
  response: Response,
  start: number,
  { archive, part, idle, onProgress }: Transfer,
  connection: AbortController,
): Promise<void> {
  const file = await onDisk(part, open(part, start === 0 ? 'w' : 'a'));
  let received = start;
  try {
    onProgress?.(received, archive.bytes);
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await within(idle, connection, reader.read());
      if (done) break;
      received += value.length;
      if (received > archive.bytes) break;
      await append(file, part, value);
      onProgress?.(received, archive.bytes);
    }
  } finally {
    await file.close();
  }
  // A connection that breaks makes reading fail: here the server says that this is all.
  if (received !== archive.bytes) {
    await rm(part, { force: true });
    const found = received > archive.bytes ? 'more' : `only ${received}`;
    throw new DownloadError(`the server sent ${found} bytes, but the archive has ${archive.bytes}`);
  }
}

async function append(file: FileHandle, part: string, bytes: Uint8Array): Promise<void> {
  try {
    await file.appendFile(bytes);
  } catch (error) {
    // Room is needed elsewhere now, for instance for the checkpoints of a run on stand-in data.
    await rm(part, { force: true });
    throw cannotWrite(part, error);
  }
}

async function onDisk<T>(path: string, event: Promise<T>): Promise<T> {
  try {
    return await event;
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
