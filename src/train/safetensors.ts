import { LossnetError } from '../base/errors.js';
import { printableName } from '../base/printable.js';
import { conversionLine, foreignWeights } from './convert.js';
import { readHeader, SafetensorsFlaw, type TensorInfo } from './safetensors-header.js';

/** One tensor of a file, in row-major order: float32, or int64 of which lossnet takes those that 32 bits hold. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Encodes tensors in the safetensors format: 8 bytes header length, a JSON header, the values. The same input
 * gives the same bytes.
 *
 * @param file tensors by name, and metadata
 * @returns the file's bytes
 * @source https://huggingface.co/docs/safetensors/index#format
 */
export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Buffer {
  const header: Record<string, HeaderEntry | Readonly<Record<string, string>>> = { __metadata__: metadata };
  let offset = 0;
  const parts: Buffer[] = [];
  for (const [name, { shape, values }] of tensors) {
    const bytes = bytesOf(values);
    const dtype = values instanceof Int32Array ? 'I64' : 'F32';
    header[name] = { dtype, shape: [...shape], data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    parts.push(bytes);
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...parts]);
}

function bytesOf(values: Float32Array | Int32Array): Buffer {
  const stored = values instanceof Int32Array ? BigInt64Array.from(values, BigInt) : values;
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
}

/**
 * Decodes a safetensors file.
 *
 * @param bytes the file's bytes
 * @param file its name, for errors
 * @returns tensors and metadata
 * @throws LossnetError when the file is truncated, corrupt or holds anything but float32 and small int64
 */
export function decodeSafetensors(bytes: Buffer, file: string): SafetensorsFile {
  const foreign = foreignWeights(bytes);
  if (foreign !== null) {
    throw invalid(
      `${file} is ${foreign}, and not a safetensors file. This converts it:\n  ${conversionLine(file, 'torch')}`,
      'Where the weights are only a part of it, say which: torch.load(...)["state_dict"].items()',
    );
  }
  const { tensors, metadata, data } = checkedHeader(bytes, file);
  const decoded = tensors.map((info): [string, StoredTensor] => [
    info.name,
    { shape: info.shape, values: valuesOf(info, data, file) },
  ]);
  return { tensors: new Map(decoded), metadata };
}

function checkedHeader(bytes: Buffer, file: string) {
  try {
    return readHeader(bytes);
  } catch (error) {
    if (!(error instanceof SafetensorsFlaw)) throw error;
    throw invalid(
      `${file} is not a valid safetensors file: ${error.message}.`,
      'Copy or save the file again.',
    );
  }
}

function valuesOf(
  { name, dtype, begin, end }: TensorInfo,
  data: Buffer,
  file: string,
): StoredTensor['values'] {
  const tensor = `tensor ${printableName(name)}`;
  if (dtype !== 'F32' && dtype !== 'I64') {
    throw invalid(
      `${file}: ${tensor} is ${dtype}; only F32 (float32) and I64 (int64) can be read. This converts it:\n  ${conversionLine(file, 'safetensors')}`,
    );
  }
  // Copied, since a view of numbers would need an aligned offset.
  const { buffer } = Uint8Array.from(data.subarray(begin, end));
  if (dtype === 'F32') return new Float32Array(buffer);
  const values = new BigInt64Array(buffer);
  const small = Int32Array.from(values, Number);
  if (values.every((value, i) => value === BigInt(small[i]!))) return small;
  throw invalid(
    `${file}: ${tensor} holds whole numbers of more than 32 bits, which no buffer of a model needs.`,
    'Copy or save the file again.',
  );
}

const invalid = (message: string, remedy?: string) =>
  new LossnetError('LOSSNET_SAFETENSORS_INVALID', message, remedy);
