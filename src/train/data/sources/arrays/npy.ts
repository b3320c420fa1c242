import { printableName } from '../../../../base/printable.js';
import * as types from './dtypes.js';
import { type ElementType, type Numbers, READABLE } from './dtypes.js';

/** An array in memory, in row-major order (NumPy's C order). */
export interface Values {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: Numbers;
}

/** A file or an array in it cannot be read. The message says why, without a full stop; the remedy what to do. */
export class ArrayFlaw extends Error {
  constructor(
    message: string,
    readonly remedy = 'write the file again, or bring the whole of it back',
  ) {
    super(message);
  }
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/** Whether a file begins as NumPy's `.npy` do. */
export const isNpy = (bytes: Buffer): boolean => bytes.subarray(0, MAGIC.length).equals(MAGIC);

/** By NumPy's letters. */
const TYPES: Readonly<Record<string, ElementType>> = {
  ...{ b1: types.BOOL, u1: types.UINT8, i1: types.INT8, u2: types.UINT16, i2: types.INT16 },
  ...{ u4: types.UINT32, i4: types.INT32, u8: types.UINT64, i8: types.INT64 },
  ...{ f2: types.FLOAT16, f4: types.FLOAT32, f8: types.FLOAT64 },
};

/** What else an array can be, by its letter, and what to do about it. */
const OTHERS: Readonly<Record<string, readonly [is: string, remedy: string]>> = {
  O: [
    'holds Python objects (dtype object), which are a pickle: reading one may run any program',
    'save numbers of one shape: np.save(file, np.stack(list_of_arrays)), or array.astype(np.float32)',
  ],
  U: ['holds texts', 'save numbers: names, numbers = np.unique(texts, return_inverse=True)'],
  S: ['holds texts', 'save numbers: names, numbers = np.unique(texts, return_inverse=True)'],
  c: ['holds complex numbers', 'save real ones: np.stack([z.real, z.imag], axis=-1)'],
  M: ['holds dates', 'save numbers: dates.astype("datetime64[s]").astype(np.int64)'],
  m: ['holds durations', 'save numbers: durations.astype("timedelta64[s]").astype(np.int64)'],
  V: ['has named fields, or raw bytes', 'save an array of plain numbers for inputs, and one for targets'],
};

interface Header {
  readonly type: ElementType;
  readonly isBig: boolean;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
}

/**
 * Decodes the bytes of an `.npy` file: versions 1 to 3, C and Fortran order, either byte order.
 *
 * @param bytes of the file
 * @returns the array, in C order
 * @throws ArrayFlaw for a damaged file, and for elements that are no real numbers
 * @source https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function decodeNpy(bytes: Buffer): Values {
  const { header, begin } = split(bytes);
  const { type, isBig, isFortran, shape } = parseHeader(header);
  const count = elementsOf(shape);
  const [has, needs] = [bytes.length - begin, count * type.bytes];
  if (has !== needs) {
    throw new ArrayFlaw(
      `is ${has < needs ? 'cut off' : 'too long'}: ${describeShape(shape)} of ${type.name} take ${needs} bytes, and ${has} are there`,
    );
  }
  // Copied, since a view of numbers would need an aligned offset.
  const own = new Uint8Array(bytes.subarray(begin));
  if (isBig) swap(own, type.bytes);
  const values = type.decode(own.buffer as ArrayBuffer);
  return { type, shape, values: isFortran ? fromFortran(values, shape) : values };
}

/** A shape as NumPy shows it. */
export const describeShape = (shape: readonly number[]): string =>
  `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;

/** @throws ArrayFlaw for more than can be counted */
export function elementsOf(shape: readonly number[]): number {
  const count = shape.reduce((product, size) => product * size, 1);
  if (Number.isSafeInteger(count * 8)) return count;
  throw new ArrayFlaw(`is damaged: its shape ${describeShape(shape)} is absurd`);
}

function split(bytes: Buffer): { header: string; begin: number } {
  if (!isNpy(bytes)) throw new ArrayFlaw('is not in the format of NumPy (.npy)', 'write it with np.save');
  const version = bytes[6];
  if (version === undefined || bytes.length < 12) throw new ArrayFlaw('is cut off in its header');
  if (version < 1 || version > 3) {
    throw new ArrayFlaw(
      `is of version ${version} of the format; 1 to 3 can be read`,
      'write it with np.save',
    );
  }
  const start = version === 1 ? 10 : 12;
  const begin = start + (version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (begin > bytes.length) throw new ArrayFlaw('is cut off in its header');
  return { header: bytes.toString(version === 3 ? 'utf8' : 'latin1', start, begin), begin };
}

const HEADER =
  /^\s*\{\s*'descr':\s*(?<descr>'[^']*'|\[.*\]),\s*'fortran_order':\s*(?<order>True|False),\s*'shape':\s*\((?<shape>[\d\s,L]*)\),?\s*\}\s*$/s;

/** The literal of a Python dictionary, its keys in the order in which NumPy sorts them. */
function parseHeader(header: string): Header {
  const { descr, order, shape } = HEADER.exec(header)?.groups ?? {};
  if (descr === undefined || shape === undefined) {
    throw new ArrayFlaw(
      `is damaged: its header reads ${printableName(header.trim())}`,
      'write it again with np.save',
    );
  }
  const [, mark = '', letters = ''] = /^'([<>|=]?)(.*)'$/s.exec(descr) ?? [];
  const type = TYPES[letters];
  if (type === undefined) throw refusal(descr);
  const sizes = shape.split(',').map((size) => size.replace('L', '').trim());
  return {
    type,
    isBig: mark === '>',
    isFortran: order === 'True',
    shape: sizes.filter((size) => size !== '').map(Number),
  };
}

function refusal(descr: string): ArrayFlaw {
  const letter = descr.startsWith('[') ? 'V' : (/[A-Za-z]/.exec(descr)?.[0] ?? '');
  const [is, remedy] = OTHERS[letter] ?? [
    `has elements of a type that cannot be read`,
    `save it as ${READABLE}: array.astype(np.float32)`,
  ];
  return new ArrayFlaw(`${is} (dtype ${printableName(descr)})`, remedy);
}

function swap(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer);
  if (size === 2) buffer.swap16();
  if (size === 4) buffer.swap32();
  if (size === 8) buffer.swap64();
}

/** The first index runs fastest in the file, and the last one in memory. */
function fromFortran(values: Numbers, shape: readonly number[]): Numbers {
  const ordered = new (values.constructor as new (length: number) => Numbers)(values.length);
  const strides: number[] = [];
  shape.reduce((stride, size) => {
    strides.push(stride);
    return stride * size;
  }, 1);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < ordered.length; to++) {
    ordered[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return ordered;
}
