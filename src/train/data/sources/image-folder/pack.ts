import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { removeQuietly } from '../../../../base/files.js';

/**
 * A file of decoded pictures, found by the SHA-256 of the files that they were made from:
 *
 *     magic        16 bytes
 *     stride       u32      bytes of a record: those of a picture, made up to whole words
 *     slots        u32
 *     sha256       32 bytes of the index
 *     index        slots x  { sha256 of the file, 32 bytes; checksum of the record, u32; 1: it is there, 0: it is not, u32 }
 *     records      slots x  stride
 *
 * All numbers are little-endian.
 */
const MAGIC = Buffer.from('lossnet pictur 1');
const HEADER = MAGIC.length + 8 + 32;
const ENTRY = 40;

/** The bytes of a record. */
export const strideOf = (length: number) => Math.ceil(length / 4) * 4;

/** How large a file of so many records is. */
export const packBytes = (slots: number, length: number) => HEADER + slots * (ENTRY + strideOf(length));

/** A file that is no pack, or not as it was written. */
export class DamagedPack extends Error {}

/** A pack on the disk, to be read from. */
export interface Pack {
  readonly file: string;
  /** The slot of each picture that is there, by the SHA-256 of its file. */
  readonly slots: ReadonlyMap<string, number>;
  /** How many slots it has, those of pictures that could not be decoded among them. */
  readonly count: number;
  /**
   * @param slot of a record
   * @param into takes its bytes, those of the stride
   * @throws DamagedPack when it is not what was written; an error of the system
   */
  read(slot: number, into: Uint8Array): void;
  /**
   * Reads all at once: a call of the system for each would take longer than the records themselves.
   *
   * @param into takes the records of all slots, one after another
   * @throws likewise
   */
  readAll(into: Uint8Array): void;
  close(): void;
}

/**
 * @param file path
 * @param length bytes of a picture
 * @returns the pack; null when there is none
 * @throws DamagedPack when it is not as it was written; an error of the system
 */
export function openPack(file: string, length: number): Pack | null {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const header = bytesAt(handle, 0, HEADER);
    const stride = strideOf(length);
    if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new DamagedPack('it does not begin as one');
    const [own, count] = [header.readUInt32LE(MAGIC.length), header.readUInt32LE(MAGIC.length + 4)];
    if (own !== stride) throw new DamagedPack(`its records have ${own} bytes, not ${stride}`);
    const { size } = fstatSync(handle);
    const expected = packBytes(count, length);
    if (size !== expected) throw new DamagedPack(`it has ${size} bytes, not ${expected}`);
    const index = bytesAt(handle, HEADER, count * ENTRY);
    const sha256 = createHash('sha256').update(index).digest();
    if (!sha256.equals(header.subarray(HEADER - 32)))
      throw new DamagedPack('the checksum of its index is wrong');
    return packOf(file, handle, index, stride);
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

function packOf(file: string, handle: number, index: Buffer, stride: number): Pack {
  const count = index.length / ENTRY;
  const slots = new Map<string, number>();
  for (let slot = 0; slot < count; slot++) {
    if (index.readUInt32LE(slot * ENTRY + 36) !== 1) continue;
    slots.set(index.toString('hex', slot * ENTRY, slot * ENTRY + 32), slot);
  }
  const start = HEADER + index.length;
  const check = (slot: number, record: Uint8Array): void => {
    if (checksumOf(record) === index.readUInt32LE(slot * ENTRY + 32)) return;
    throw new DamagedPack(`the checksum of its record ${slot} is wrong`);
  };
  let isOpen = true;
  const pack: Pack = {
    ...{ file, slots, count },
    read(slot, into) {
      fill(handle, into, start + slot * stride);
      check(slot, into);
    },
    readAll(into) {
      fill(handle, into, start);
      for (const slot of slots.values()) check(slot, into.subarray(slot * stride, (slot + 1) * stride));
    },
    close() {
      open.unregister(pack);
      if (isOpen) closeSync(handle);
      isOpen = false;
    },
  };
  open.register(pack, handle, pack);
  return pack;
}

/** What nobody reads from any more is closed. */
const open = new FinalizationRegistry((handle: number) => closeSync(handle));

/** A pack that is being written, under a name that is not yet its own. */
export class PackWriter {
  readonly #handle: number;
  readonly #index: Buffer;
  readonly #start: number;
  readonly #stride: number;

  /**
   * @param temporary path while it is written
   * @param hashes of the files whose pictures it is to hold, by their slots
   * @param length bytes of a picture
   * @throws an error of the system
   */
  constructor(
    private readonly temporary: string,
    hashes: readonly string[],
    length: number,
  ) {
    this.#index = Buffer.alloc(hashes.length * ENTRY);
    for (const [slot, hash] of hashes.entries()) this.#index.write(hash, slot * ENTRY, 'hex');
    this.#stride = strideOf(length);
    this.#start = HEADER + this.#index.length;
    this.#handle = openSync(temporary, 'w');
  }

  /** @param record its bytes, those of the stride. @throws an error of the system */
  write(slot: number, record: Uint8Array): void {
    writeAt(this.#handle, record, this.#start + slot * this.#stride);
    this.#index.writeUInt32LE(checksumOf(record), slot * ENTRY + 32);
    this.#index.writeUInt32LE(1, slot * ENTRY + 36);
  }

  /** Gives it its name, whole. @throws an error of the system */
  publish(file: string): void {
    const slots = this.#index.length / ENTRY;
    const sizes = Buffer.alloc(8);
    sizes.writeUInt32LE(this.#stride, 0);
    sizes.writeUInt32LE(slots, 4);
    const sha256 = createHash('sha256').update(this.#index).digest();
    writeAt(this.#handle, Buffer.concat([MAGIC, sizes, sha256, this.#index]), 0);
    // The last slots may be of pictures that could not be decoded.
    if (slots > 0 && fstatSync(this.#handle).size < this.#start + slots * this.#stride) {
      writeAt(this.#handle, new Uint8Array(1), this.#start + slots * this.#stride - 1);
    }
    fsyncSync(this.#handle);
    closeSync(this.#handle);
    renameSync(this.temporary, file);
  }

  /** Leaves nothing of it. */
  discard(): void {
    try {
      closeSync(this.#handle);
    } catch {
      // It is closed already.
    }
    removeQuietly(this.temporary);
  }
}

/** Changes with every bit: a disk that forgets is to be noticed, not one that lies. */
export function checksumOf(record: Uint8Array): number {
  const words = new Int32Array(record.buffer, record.byteOffset, record.length / 4);
  let hash = words.length;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function bytesAt(handle: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  fill(handle, bytes, position);
  return bytes;
}

function fill(handle: number, into: Uint8Array, position: number): void {
  for (let at = 0; at < into.length; ) {
    const read = readSync(handle, into, at, into.length - at, position + at);
    if (read === 0) throw new DamagedPack('it ends too early');
    at += read;
  }
}

function writeAt(handle: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(handle, bytes, at, bytes.length - at, position + at);
  }
}
