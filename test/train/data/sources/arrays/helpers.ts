import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { LossnetError } from '../../../../../src/base/errors.js';
import type { DataSource } from '../../../../../src/train/data/source.js';
import { type ArraysOptions, arrays } from '../../../../../src/train/data/sources/arrays/index.js';
import { crc32 } from '../../../../../src/train/data/sources/arrays/zip.js';
import { temporaryFolder } from '../../helpers.js';

interface Recording {
  readonly files: readonly { dtype: string; file: string; shape: number[]; values: (number | string)[] }[];
  readonly refused: Readonly<Record<string, string>>;
  readonly pair: Readonly<Record<'inputs' | 'bfloat16' | 'half' | 'targets', number[]>>;
  readonly archives: Readonly<Record<'stored' | 'deflated', string>>;
  readonly tensors: Readonly<Record<'numpy' | 'torch', string>>;
  readonly torch_file: string;
  readonly table: { readonly file: string; readonly standardized: number[] };
}

/** What NumPy, safetensors and scikit-learn made: see test/fixtures/make_arrays.py. */
export const RECORDED = JSON.parse(
  readFileSync(new URL('../../../../fixtures/arrays.json', import.meta.url), 'utf8'),
) as Recording;

export const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

type Typed = Uint8Array | Int8Array | Int32Array | Float32Array | Float64Array | BigInt64Array;

const LETTERS: Readonly<Record<string, string>> = {
  ...{ Uint8Array: '|u1', Int8Array: '|i1', Int32Array: '<i4', BigInt64Array: '<i8' },
  ...{ Float32Array: '<f4', Float64Array: '<f8' },
};

/** An `.npy` file of version 1. */
export function npy(values: Typed, shape: readonly number[] = [values.length], descr?: string): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const letters = descr ?? LETTERS[values.constructor.name];
  const text = `{'descr': '${letters}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`, 'latin1');
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, header, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}

/** An `.npz` file, each entry deflated. */
export function npz(files: Readonly<Record<string, Buffer>>): Buffer {
  const [bodies, directory]: Buffer[][] = [[], []];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = deflateRawSync(content);
    const file = Buffer.from(`${name}.npy`);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(file.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    bodies!.push(Buffer.from('PK\x03\x04'), fields, file, packed);
    directory!.push(Buffer.from('PK\x01\x02'), Buffer.alloc(2), fields, tail, file);
    at += 30 + file.length + packed.length;
  }
  const list = Buffer.concat(directory!);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies!, list, end]);
}

/** What a configuration has that says no more than the file. */
const DEFAULTS: ArraysOptions = {
  ...{ type: 'arrays', path: null, inputs: null, targets: null, eval: null, test: null },
  ...{ classes: [], values: [], targetType: null, imageOrder: null, flatten: false, standardize: false },
  split: { val: 0.25, by: 'random', seed: 0, stratify: false, test: 0 },
  wanted: 'class',
};

/** Arrays in these files; options name them without their folder. */
export function arraysOf(
  files: Readonly<Record<string, Uint8Array>>,
  options: Partial<ArraysOptions> = {},
): DataSource {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  // Absolute ones stay as they are.
  const at = <T>(value: T): T =>
    (typeof value === 'string' && !value.startsWith('/') && (value in files || value.includes('.'))
      ? join(folder, value)
      : value) as T;
  const place = (own: ArraysOptions['eval']): ArraysOptions['eval'] =>
    own === null || typeof own === 'string'
      ? at(own)
      : Object.fromEntries(Object.entries(own).map(([key, value]) => [key, at(value)]));
  const all = { ...DEFAULTS, ...('data.npz' in files && { path: 'data.npz' }), ...options };
  const { path, inputs, targets } = all;
  return arrays({
    ...all,
    ...{ path: at(path), inputs: at(inputs), targets: at(targets) },
    ...{ eval: place(all.eval), test: place(all.test) },
  });
}

/** What is wrong with arrays, with its key, folders left out, and its remedies after an arrow. */
export function refusal(source: DataSource): string {
  try {
    source.spec;
  } catch (error) {
    const { message, remedy, key } = error as LossnetError & { readonly key: string };
    const text = [message, ...(remedy?.split('\n') ?? [])].join(' → ');
    return `${key}: ${text.replace(/\/tmp\/[\w-]*\//g, '')}`;
  }
  throw new Error('nothing is wrong with it');
}
