import * as zlib from 'node:zlib';
import { inflateRawSync } from 'node:zlib';
import { printableName } from '../../../../base/printable.js';
import { ArrayFlaw } from './npy.js';

/** A file in an archive, as its directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc: number;
  /** Packed, and unpacked. */
  readonly packed: number;
  readonly size: number;
  /** Where its own header begins. */
  readonly at: number;
}

const [STORED, DEFLATED] = [0, 8];
const [LOCAL, ENTRY, END, END64, LOCATOR64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
const END_BYTES = 22;
const MOST_COMMENT = 65_535;
/** What a field of 32 bits says when the value stands in a field of 64. */
const IN_64 = 0xffffffff;

/** Whether a file begins as ZIP archives do, also those that hold nothing. */
export const isZip = (bytes: Buffer): boolean =>
  bytes.length >= 4 && [LOCAL, END].includes(bytes.readUInt32LE(0));

/**
 * Reads the directory of a ZIP archive, with the fields of 64 bits that NumPy writes for what is large.
 *
 * @param bytes of the archive
 * @returns its files, in the order of the directory
 * @throws ArrayFlaw when it is damaged, or two files have one name
 * @source https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function readZip(bytes: Buffer): ZipEntry[] {
  return whole(() => {
    const { count, begin } = directoryOf(bytes);
    const entries: ZipEntry[] = [];
    let at = begin;
    for (let i = 0; i < count; i++) {
      if (bytes.readUInt32LE(at) !== ENTRY) throw damaged(`entry ${i} of its directory is none`);
      const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
        number,
        number,
        number,
      ];
      const end = at + 46 + name + extra;
      if (end + comment > bytes.length) throw damaged('its directory is cut off');
      entries.push({
        name: bytes.toString('utf8', at + 46, at + 46 + name),
        method: bytes.readUInt16LE(at + 10),
        isEncrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
        crc: bytes.readUInt32LE(at + 16),
        ...sizesOf(bytes, at, bytes.subarray(at + 46 + name, end)),
      });
      at = end + comment;
    }
    const names = entries.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw damaged(`it has two files ${printableName(twice)}`);
    return entries;
  });
}

/**
 * Unpacks a file of an archive.
 *
 * @param bytes of the archive
 * @param entry which
 * @param most bytes that it may have
 * @returns its bytes, whose checksum is right
 * @throws ArrayFlaw when it is damaged, encrypted, packed in another way, or larger
 */
export function unzip(bytes: Buffer, entry: ZipEntry, most: number): Buffer {
  const { method, isEncrypted, crc, packed, size, at } = entry;
  if (isEncrypted) throw new ArrayFlaw('is encrypted', 'write it with np.savez');
  if (method !== STORED && method !== DEFLATED) {
    throw new ArrayFlaw(`is packed by method ${method}`, 'write it with np.savez or np.savez_compressed');
  }
  if (size > most) throw tooLarge(size, most);
  return whole(() => {
    if (bytes.readUInt32LE(at) !== LOCAL) throw damaged('its place holds no file');
    const begin = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    if (begin + packed > bytes.length) throw damaged('it is cut off');
    const content = bytes.subarray(begin, begin + packed);
    const own = method === STORED ? content : inflated(content, size);
    if (own.length !== size) throw damaged(`it has ${own.length} bytes, and its directory says ${size}`);
    if (crc32(own) !== crc) throw damaged('its checksum (CRC-32) is wrong');
    return own;
  });
}

/** Of what is larger than can be read. */
export const tooLarge = (size: number, most: number): ArrayFlaw =>
  new ArrayFlaw(
    `has ${(size / 1e9).toFixed(1)} GB, and ${most / 1e9} GB are the most`,
    'take fewer samples, or smaller elements: uint8 for images, float32 for features',
  );

function inflated(content: Buffer, size: number): Buffer {
  try {
    return inflateRawSync(content, { maxOutputLength: Math.max(size, 1) });
  } catch (error) {
    const isLarger = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw damaged(isLarger ? 'it is larger than its directory says' : 'it cannot be unpacked');
  }
}

function directoryOf(bytes: Buffer): { count: number; begin: number } {
  const first = Math.max(0, bytes.length - END_BYTES - MOST_COMMENT);
  for (let at = bytes.length - END_BYTES; at >= first; at--) {
    if (bytes.readUInt32LE(at) !== END || at + END_BYTES + bytes.readUInt16LE(at + 20) !== bytes.length)
      continue;
    const locator = at - 20;
    if (locator < 0 || bytes.readUInt32LE(locator) !== LOCATOR64) {
      return { count: bytes.readUInt16LE(at + 10), begin: bytes.readUInt32LE(at + 16) };
    }
    const end = numberAt(bytes, locator + 8);
    if (bytes.readUInt32LE(end) !== END64) throw damaged('its directory is not where it should be');
    return { count: numberAt(bytes, end + 32), begin: numberAt(bytes, end + 48) };
  }
  throw new ArrayFlaw(
    'is damaged: it ends before the directory of its files, as a copy that was cut off does',
  );
}

/** What stands in a field of 64 bits has all bits set in its own. */
function sizesOf(bytes: Buffer, at: number, extra: Buffer): Pick<ZipEntry, 'packed' | 'size' | 'at'> {
  const fields = [24, 20, 42].map((offset) => bytes.readUInt32LE(at + offset));
  let wide = 0;
  for (let from = 0; from + 4 <= extra.length; from += 4 + extra.readUInt16LE(from + 2)) {
    if (extra.readUInt16LE(from) === 1) wide = from + 4;
  }
  const [size, packed, place] = fields.map((field) => {
    if (field !== IN_64) return field;
    if (wide === 0) throw damaged('a size of 64 bits is missing');
    wide += 8;
    return numberAt(extra, wide - 8);
  });
  return { size: size!, packed: packed!, at: place! };
}

function numberAt(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged('it names a place far beyond its end');
  return Number(value);
}

/** What Node says of numbers that are read outside of a buffer. */
const OUTSIDE = ['ERR_OUT_OF_RANGE', 'ERR_BUFFER_OUT_OF_BOUNDS'];

/** Reading beyond the end of what is there is a flaw of the file. */
function whole<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (OUTSIDE.includes(code)) throw damaged('it ends too early');
    throw error;
  }
}

const damaged = (how: string) => new ArrayFlaw(`is damaged: ${how}`);

/** The polynomial of ZIP, PNG and Ethernet, its bits in the order in which they are sent. */
const POLYNOMIAL = 0xedb88320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** Likewise, for Node before 20.15, which has none. */
export function ownCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * @param bytes any
 * @returns their CRC-32, as ZIP archives have it
 */
export const crc32: (bytes: Uint8Array) => number =
  (zlib as { readonly crc32?: (bytes: Uint8Array) => number }).crc32 ?? ownCrc32;
