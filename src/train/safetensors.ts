import { LossnetError } from './errors.js';

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
  const corrupt = (what: string) =>
    new LossnetError(
      'LOSSNET_SAFETENSORS_INVALID',
      `${file} is not a complete safetensors file: ${what}.`,
      'Copy or save the file again.',
    );
  if (bytes.length < 8) throw corrupt(`it has ${bytes.length} bytes, its header length alone takes 8`);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  if (headerLength > bytes.length - 8) {
    throw corrupt(`its header should have ${headerLength} bytes but only ${bytes.length - 8} follow`);
  }
  const { __metadata__: metadata = {}, ...entries } = parseHeader(
    bytes.subarray(8, 8 + headerLength),
    corrupt,
  );
  const data = bytes.subarray(8 + headerLength);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(entries) as [string, HeaderEntry][]) {
    const [begin, end] = entry?.data_offsets ?? [];
    if (!Array.isArray(entry?.shape) || !Number.isInteger(begin) || !Number.isInteger(end)) {
      throw corrupt(`the header of tensor ${name} is malformed`);
    }
    const bytesEach = { F32: 4, I64: 8 }[entry.dtype];
    if (bytesEach === undefined) {
      throw new LossnetError(
        'LOSSNET_SAFETENSORS_INVALID',
        `${file}: tensor ${name} is ${entry.dtype}; only F32 (float32) and I64 (int64) can be read.`,
        'Convert it first, in PyTorch: save_file({k: v.float() for k, v in state.items()}, path).',
      );
    }
    const size = entry.shape.reduce((product, length) => product * length, 1);
    if (end - begin !== size * bytesEach)
      throw corrupt(`tensor ${name} has ${end - begin} bytes for ${size} values`);
    if (begin < 0 || end > data.length) throw corrupt(`tensor ${name} reaches beyond the file's end`);
    // Copied, since a view of numbers would need an aligned offset.
    const { buffer } = Uint8Array.from(data.subarray(begin, end));
    const values = bytesEach === 4 ? new Float32Array(buffer) : smallIntegers(new BigInt64Array(buffer));
    if (values === null) throw corrupt(`tensor ${name} holds whole numbers of more than 32 bits`);
    tensors.set(name, { shape: entry.shape, values });
  }
  return { tensors, metadata: (metadata ?? {}) as Record<string, string> };
}

function smallIntegers(values: BigInt64Array): Int32Array | null {
  const small = Int32Array.from(values, Number);
  return values.every((value, i) => value === BigInt(small[i]!)) ? small : null;
}

function parseHeader(json: Buffer, corrupt: (what: string) => Error): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(json.toString('utf8'));
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch {
    // reported below
  }
  throw corrupt('its header is not a JSON object');
}
