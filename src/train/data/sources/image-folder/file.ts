import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemCode, systemReason } from '../../../../base/system-errors.js';
import { MOST_FILE_BYTES } from './options.js';

/** A picture that cannot be used. The message says what is wrong with it, without its name and without a full stop. */
export class BadPicture extends Error {}

/** What changes when a file does, with or without its size. */
export interface FileState {
  readonly key: string;
  /** When it was changed last, in milliseconds. */
  readonly changed: number;
}

/**
 * @param path of a picture
 * @returns what changes with it
 * @throws BadPicture when it is no file, or too large
 */
export async function stateOfFile(path: string): Promise<FileState> {
  const found = await told(
    soonest(
      () => statSync(path, { bigint: true }),
      () => stat(path, { bigint: true }),
    ),
  );
  // A pipe may never come to its end.
  if (!found.isFile()) throw new BadPicture('is no regular file');
  if (found.size === 0n) throw new BadPicture('is empty');
  if (found.size > BigInt(MOST_FILE_BYTES)) {
    throw new BadPicture(
      `has ${Math.ceil(Number(found.size) / 1e6)} MB; at most ${MOST_FILE_BYTES / 1e6} are read`,
    );
  }
  const { dev, ino, size, mtimeNs, ctimeNs } = found;
  return { key: [dev, ino, size, mtimeNs, ctimeNs].join(' '), changed: Number(ctimeNs / 1_000_000n) };
}

/** What a file holds. */
export interface FileContent {
  readonly bytes: Buffer;
  /** SHA-256 of them, in hexadecimal. */
  readonly hash: string;
  /** How the file was before it was read. */
  readonly state: FileState;
}

/**
 * @param path of a picture
 * @returns its bytes, and how it was before they were read
 * @throws BadPicture when it cannot be read
 */
export async function readBytes(path: string): Promise<Pick<FileContent, 'bytes' | 'state'>> {
  const state = await stateOfFile(path);
  const bytes = await told(
    soonest(
      () => readFileSync(path),
      () => readFile(path),
    ),
  );
  return { bytes, state };
}

/**
 * @param path of a picture
 * @returns what it holds
 * @throws BadPicture when it cannot be read
 */
export async function readPicture(path: string): Promise<FileContent> {
  const { bytes, state } = await readBytes(path);
  return { bytes, hash: hashOf(bytes), state };
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** @throws BadPicture when these are not the bytes that were found when the file was read before */
export function checkSame(bytes: Buffer, { hash }: { readonly hash: string }): void {
  if (hashOf(bytes) !== hash) throw new BadPicture('was changed while it was read');
}

/** What a file is known by: the SHA-256 of it, and how it was before it was read; or what is wrong with it. */
export type Content = { readonly hash: string; readonly state: FileState } | { readonly problem: string };

/** @param path of a picture. @returns what it is known by */
export async function contentOf(path: string): Promise<Content> {
  return await orProblem(async () => {
    const { hash, state } = await readPicture(path);
    return { hash, state };
  });
}

/** @returns what is done with a picture, or what is wrong with it */
export async function orProblem<T>(work: () => Promise<T>): Promise<T | { readonly problem: string }> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BadPicture)) throw error;
    return { problem: error.message };
  }
}

/** What takes longer waits for a disk or a network. */
const SLOW_MILLISECONDS = 1;
/** So many are then read several at a time. */
const DETOURS = 64;
/** So long may nothing else happen in this process. */
const TURN_MILLISECONDS = 20;

let detours = 0;
let turned = 0;

/**
 * Does something with a file in the way that takes less time. A file that the system has in memory is read in a fifth of the time
 * without Node's threads; where one takes long, those after it are read with them, several at a time.
 */
async function soonest<T>(now: () => T, soon: () => Promise<T>): Promise<T> {
  if (detours > 0) {
    detours -= 1;
    return await soon();
  }
  if (performance.now() - turned > TURN_MILLISECONDS) {
    await nextTurn();
    turned = performance.now();
  }
  const began = performance.now();
  try {
    return now();
  } finally {
    if (performance.now() - began > SLOW_MILLISECONDS) detours = DETOURS;
  }
}

async function told<T>(event: Promise<T>): Promise<T> {
  try {
    return await event;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new BadPicture(`cannot be read: ${systemReason(error)}`);
  }
}
