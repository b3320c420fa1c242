import { printableName } from '../../../../base/printable.js';
import { foreignWeights } from '../../../convert.js';
import { readHeader, SafetensorsFlaw, type TensorInfo } from '../../../safetensors-header.js';
import { DataError } from '../../data-error.js';
import { ownFile } from '../../own-file.js';
import * as types from './dtypes.js';
import { type ElementType, READABLE } from './dtypes.js';
import { ArrayFlaw, decodeNpy, isNpy, type Values } from './npy.js';
import { isZip, readZip, tooLarge, unzip, type ZipEntry } from './zip.js';

/** The most that Node reads as one file, less some room. */
const MOST_BYTES = 2_000_000_000;

/** A file with arrays: an `.npy` has one, without a name. */
export type ArrayFile =
  | { readonly kind: 'single'; readonly read: () => Values }
  | { readonly kind: 'named'; readonly names: readonly string[]; readonly read: (name: string) => Values };

/** What is often taken for one of these, by its first bytes. */
const OTHER_FORMATS: readonly (readonly [begins: string, is: string])[] = [
  ['\x89HDF', 'an HDF5 file'],
  ['PAR1', 'a Parquet file'],
  ['\x1f\x8b', 'packed by gzip'],
  ['MATLAB', 'a file of MATLAB'],
];

const WRITE = 'write it with np.savez("data.npz", inputs=…, targets=…), and name that';

/** Of safetensors. */
const TENSOR_TYPES: Readonly<Record<string, ElementType>> = {
  ...{ BOOL: types.BOOL, U8: types.UINT8, I8: types.INT8, U16: types.UINT16, I16: types.INT16 },
  ...{ U32: types.UINT32, I32: types.INT32, U64: types.UINT64, I64: types.INT64 },
  ...{ F16: types.FLOAT16, BF16: types.BFLOAT16, F32: types.FLOAT32, F64: types.FLOAT64 },
};

/**
 * Opens a file of arrays; what it is, is told by its content. Arrays that are not asked for are not unpacked.
 *
 * @param path `.npy`, `.npz` or safetensors
 * @param key the option that names it
 * @returns what it holds; `read` throws ArrayFlaw for an array that cannot be used
 * @throws DataError when it cannot be read, is damaged, another format, or larger than 2 GB
 */
export function openArrays(path: string, key: string): ArrayFile {
  const bytes = ownFile(path, key, MOST_BYTES, (size) => flawed(tooLarge(size, MOST_BYTES), path, key));
  return arraysIn(bytes, path, key);
}

/** The same of what a file holds. */
export function arraysIn(bytes: Buffer, path: string, key: string): ArrayFile {
  try {
    if (isNpy(bytes)) return { kind: 'single', read: () => decodeNpy(bytes) };
    return isZip(bytes) ? zipped(bytes) : tensors(bytes);
  } catch (error) {
    throw flawed(error, path, key);
  }
}

/** The error for a flaw, with the file or the array that has it. */
export function flawed(error: unknown, what: string, key: string): unknown {
  return error instanceof ArrayFlaw ? new DataError(key, `${what} ${error.message}`, [error.remedy]) : error;
}

const ENDING = '.npy';

function zipped(bytes: Buffer): ArrayFile {
  const entries = readZip(bytes);
  const arrays = new Map<string, ZipEntry>();
  for (const entry of entries) {
    if (entry.name.endsWith(ENDING)) arrays.set(entry.name.slice(0, -ENDING.length), entry);
  }
  if (arrays.size === 0) {
    const isTorch = entries.some(({ name }) => name.endsWith('data.pkl'));
    throw isTorch
      ? new ArrayFlaw('is a file of torch.save, a pickle: reading one may run any program', WRITE)
      : new ArrayFlaw('is a ZIP archive without arrays of NumPy (.npy)', WRITE);
  }
  return {
    kind: 'named',
    names: [...arrays.keys()],
    read: (name) => decodeNpy(unzip(bytes, arrays.get(name)!, MOST_BYTES)),
  };
}

function tensors(bytes: Buffer): ArrayFile {
  const foreign = foreignWeights(bytes);
  if (foreign !== null) throw new ArrayFlaw(`is ${foreign}: reading one may run any program`, WRITE);
  if (bytes.length === 0) throw new ArrayFlaw('is empty');
  const start = bytes.toString('latin1', 0, 8);
  const [, other] = OTHER_FORMATS.find(([begins]) => start.startsWith(begins)) ?? [];
  if (other !== undefined) throw new ArrayFlaw(`is ${other}`, WRITE);
  const { tensors: infos, data } = headerOf(bytes);
  const byName = new Map(infos.map((info) => [info.name, info]));
  return {
    kind: 'named',
    names: infos.map(({ name }) => name),
    read: (name) => tensorOf(byName.get(name)!, data),
  };
}

function headerOf(bytes: Buffer): ReturnType<typeof readHeader> {
  try {
    return readHeader(bytes);
  } catch (error) {
    if (!(error instanceof SafetensorsFlaw)) throw error;
    throw new ArrayFlaw(
      `is neither .npy nor .npz nor safetensors: as the latter, ${error.message}`,
      `write it again, or bring the whole of it back; another format: ${WRITE}`,
    );
  }
}

function tensorOf({ dtype, shape, begin, end }: TensorInfo, data: Buffer): Values {
  const type = TENSOR_TYPES[dtype];
  if (type === undefined) {
    throw new ArrayFlaw(`has elements of the type ${printableName(dtype)}`, `save it as ${READABLE}`);
  }
  // Copied, since a view of numbers would need an aligned offset.
  const own = new Uint8Array(data.subarray(begin, end));
  return { type, shape, values: type.decode(own.buffer as ArrayBuffer) };
}
