import { join } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { scratchName, sweepScratches } from '../../../../base/scratch.js';
import { systemCode, systemReason } from '../../../../base/system-errors.js';
import { makeRoom, picturesFolder } from './cache.js';
import { MOST_IN_MEMORY } from './options.js';
import { openPack, PackWriter, packBytes, strideOf } from './pack.js';
import { fromPack, inMemory, type Pictures } from './pictures.js';

/** Where pictures go as they are decoded. */
export interface Store {
  /** @throws LossnetError when there is no room for it */
  put(slot: number, bytes: Uint8Array): void;
  /** Keeps what has been put for the next run. */
  keep(): void;
  /** @returns all pictures that were put */
  pictures(broken: ReadonlyMap<string, string>): Pictures;
  /** Leaves nothing behind that was not kept. */
  discard(): void;
}

/** What is to be stored. */
export interface Contents {
  /** Of the files, by their slots. */
  readonly hashes: readonly string[];
  /** Bytes of a picture. */
  readonly length: number;
  /** The pack that is to be made; null: none. */
  readonly file: string | null;
  /** What the cache may take, in GB. */
  readonly maxGb: number;
  readonly warnings: string[];
}

/** In memory; kept if the disk has room, and used whether or not. */
export class MemoryStore implements Store {
  readonly #records: Uint8Array;
  readonly #stride: number;
  readonly #slots = new Map<string, number>();

  constructor(private readonly contents: Contents) {
    this.#stride = strideOf(contents.length);
    this.#records = new Uint8Array(contents.hashes.length * this.#stride);
  }

  put(slot: number, bytes: Uint8Array): void {
    this.#records.set(bytes, slot * this.#stride);
    this.#slots.set(this.contents.hashes[slot]!, slot);
  }

  keep(): void {
    const { file, hashes, length, maxGb, warnings } = this.contents;
    if (file === null) return;
    let writer: PackWriter | undefined;
    try {
      writer = beginPack(file, hashes, length, maxGb);
      for (const slot of this.#slots.values()) writer.write(slot, this.#record(slot));
      writer.publish(file);
    } catch (error) {
      writer?.discard();
      const why = reasonOf(error);
      if (why === null) throw error;
      warnings.push(`The decoded pictures are not kept in ${picturesFolder()} for the next run: ${why}.`);
    }
  }

  pictures(broken: ReadonlyMap<string, string>): Pictures {
    const { length, warnings } = this.contents;
    return { slots: this.#slots, broken, warnings, ...inMemory(this.#records, length) };
  }

  discard(): void {
    // There is nothing on the disk.
  }

  #record(slot: number): Uint8Array {
    return this.#records.subarray(slot * this.#stride, (slot + 1) * this.#stride);
  }
}

/** On the disk alone: they are too many for the memory. */
export class DiskStore implements Store {
  #writer: PackWriter | null = null;
  readonly #record: Uint8Array;

  constructor(
    private readonly contents: Contents,
    private readonly file: string,
  ) {
    this.#record = new Uint8Array(new ArrayBuffer(strideOf(contents.length)));
  }

  put(slot: number, bytes: Uint8Array): void {
    const { hashes, length, maxGb } = this.contents;
    this.#record.set(bytes);
    this.#told(() => {
      this.#writer ??= beginPack(this.file, hashes, length, maxGb);
      this.#writer.write(slot, this.#record);
    });
  }

  keep(): void {
    this.#told(() => this.#writer?.publish(this.file));
    this.#writer = null;
  }

  pictures(broken: ReadonlyMap<string, string>): Pictures {
    const { length, warnings } = this.contents;
    const pack = this.#told(() => openPack(this.file, length));
    if (pack === null) throw tooLarge(this.#bytes, `${this.file} is gone again`);
    return fromPack(pack, length, { isSmall: false, broken, warnings })!;
  }

  discard(): void {
    this.#writer?.discard();
    this.#writer = null;
  }

  get #bytes(): number {
    return packBytes(this.contents.hashes.length, this.contents.length);
  }

  #told<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const why = reasonOf(error);
      throw why === null ? error : tooLarge(this.#bytes, `${picturesFolder()}: ${why}`);
    }
  }
}

/** There is less room than is needed, by the cache's own limit. */
class NoRoom extends Error {}

function beginPack(file: string, hashes: readonly string[], length: number, maxGb: number): PackWriter {
  const bytes = packBytes(hashes.length, length);
  const most = maxGb * 1e9;
  if (bytes > most) {
    throw new NoRoom(`they take ${inGb(bytes)}, and dataset.cache.max_gb is ${maxGb}`);
  }
  const target = join(picturesFolder(), 'pack');
  sweepScratches(target);
  makeRoom(bytes, most, file);
  return new PackWriter(scratchName(target), hashes, length);
}

function reasonOf(error: unknown): string | null {
  if (error instanceof NoRoom) return error.message;
  return systemCode(error) === undefined ? null : systemReason(error);
}

/** Neither memory nor disk can hold the pictures. */
export function tooLarge(bytes: number, why: string): LossnetError {
  return new LossnetError(
    'LOSSNET_DATA_CACHE',
    `The decoded pictures take ${inGb(bytes)}, more than the ${MOST_IN_MEMORY / 1e6} MB that may be held in memory, and cannot be kept on the disk: ${why.replace(/\.$/, '')}.`,
    [
      'Free some space, or name a folder with more of it: LOSSNET_CACHE=<folder>',
      'Or raise dataset.cache.max_gb, or make dataset.image_size smaller.',
    ].join('\n'),
  );
}

const inGb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
