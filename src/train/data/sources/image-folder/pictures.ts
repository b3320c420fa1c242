import { LossnetError } from '../../../../base/errors.js';
import { removeQuietly } from '../../../../base/files.js';
import { systemCode, systemReason } from '../../../../base/system-errors.js';
import { markUsed, touch } from './cache.js';
import { DamagedPack, openPack, type Pack, strideOf } from './pack.js';

/** A picture that is to be had: what its file holds, and where one of its files is. */
export interface Wanted {
  readonly hash: string;
  readonly path: string;
}

/** Decoded pictures. */
export interface Pictures {
  /** Where each is, by the SHA-256 of its file. */
  readonly slots: ReadonlyMap<string, number>;
  /** What is wrong with those that cannot be decoded, likewise. */
  readonly broken: ReadonlyMap<string, string>;
  /** The bytes of one, [height, width, channels], until the next one is read. @throws LossnetError when the cache is damaged */
  read(slot: number): Uint8Array;
  /** All of them, each at its slot, where they are in memory and have no bytes between them; absent: they are not. */
  readonly held?: Uint8Array | undefined;
  /** What a user must be told about the cache. */
  readonly warnings: readonly string[];
}

/**
 * @param file path
 * @param length bytes of a picture
 * @param warnings takes what is wrong with it
 * @returns the pack; null when there is none that can be used
 */
export function openSound(file: string, length: number, warnings: string[]): Pack | null {
  try {
    return openPack(file, length);
  } catch (error) {
    setAside(file, error, warnings);
    return null;
  }
}

/** A damaged pack is removed, to be made again. @throws what does not come from it or the system */
export function setAside(file: string, error: unknown, warnings: string[]): void {
  if (error instanceof DamagedPack) {
    removeQuietly(file);
    warnings.push(`${file} was damaged (${error.message}): its pictures are decoded again.`);
  } else if (systemCode(error) !== undefined) {
    warnings.push(`${file} cannot be read, so its pictures are decoded again: ${systemReason(error)}.`);
  } else throw error;
}

/** How pictures are had from a pack. */
export interface Reading {
  /** Whether all of them are to be read at once. */
  readonly isSmall: boolean;
  readonly broken: ReadonlyMap<string, string>;
  readonly warnings: string[];
}

/**
 * @param pack that holds the pictures
 * @param length bytes of one
 * @param reading see there
 * @returns the pictures; null when they are read at once and the pack turns out to be damaged
 */
export function fromPack(
  pack: Pack,
  length: number,
  { isSmall, broken, warnings }: Reading,
): Pictures | null {
  const stride = strideOf(length);
  const { file, slots, count } = pack;
  touch(file);
  if (!isSmall) {
    markUsed(file);
    const record = new Uint8Array(new ArrayBuffer(stride));
    const read = (slot: number) => {
      try {
        pack.read(slot, record);
      } catch (error) {
        throw lost(file, error);
      }
      return record.subarray(0, length);
    };
    return { slots, broken, read, warnings };
  }
  const records = new Uint8Array(count * stride);
  try {
    pack.readAll(records);
  } catch (error) {
    setAside(file, error, warnings);
    return null;
  } finally {
    pack.close();
  }
  return { slots, broken, warnings, ...inMemory(records, length) };
}

/** Reads pictures that are all there. */
export function inMemory(records: Uint8Array, length: number): Pick<Pictures, 'read' | 'held'> {
  const stride = strideOf(length);
  return {
    read: (slot) => records.subarray(slot * stride, slot * stride + length),
    held: stride === length ? records : undefined,
  };
}

/** In the middle of a run; the next one makes it again. */
function lost(file: string, error: unknown): unknown {
  const why = error instanceof DamagedPack ? error.message : systemCode(error) && systemReason(error);
  if (!why) return error;
  if (error instanceof DamagedPack) removeQuietly(file);
  return new LossnetError(
    'LOSSNET_DATA_CACHE',
    `The decoded pictures in ${file} cannot be read any more: ${why}.`,
    'Go on with --resume: they are decoded again.',
    { cause: error },
  );
}
