import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** More than any file of this kind: no archive may fill the memory. */
const LARGEST = 2 ** 27;
const UNSIGNED_BYTE = 8;
const inflate = promisify(gunzip);

/** Bytes in some dimensions. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * Reads MNIST's own format: two zero bytes, the type, the number of dimensions, each as four bytes with the most
 * significant one first, then the values.
 *
 * @param content of a file, as it is or packed by gzip
 * @returns the array
 * @throws Error that says, without a full stop, what is wrong
 * @source http://yann.lecun.com/exdb/mnist/, "The IDX file format"
 */
export async function parseIdx(content: Uint8Array): Promise<IdxArray> {
  const bytes = await unpacked(content);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0)
    throw new Error('it is no IDX file: it does not begin with two zero bytes');
  const [type, rank] = [bytes[2]!, bytes[3]!];
  if (type !== UNSIGNED_BYTE)
    throw new Error(`its values are of type ${type}; expected ${UNSIGNED_BYTE}, unsigned bytes`);
  const head = 4 + 4 * rank;
  if (rank === 0 || bytes.length < head) throw new Error('it ends within its head');
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== head + size) {
    throw new Error(
      `its head tells of ${shape.join(' x ')} values, ${size} bytes, and ${bytes.length - head} follow`,
    );
  }
  return { shape, bytes: bytes.subarray(head) };
}

async function unpacked(content: Uint8Array): Promise<Uint8Array> {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return await inflate(content, { maxOutputLength: LARGEST });
  } catch (error) {
    throw new Error(`it cannot be unpacked: ${(error as Error).message}`);
  }
}
