import { LossnetError } from './errors.js';

/** One tensor of a file, float32, in row-major order. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
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
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: 'F32', shape: [...shape], data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const values = [...tensors.values()].map(({ values: v }) =>
    Buffer.from(v.buffer, v.byteOffset, v.byteLength),
  );
  return Buffer.concat([length, padded, ...values]);
}

/**
 * Decodes a safetensors file.
 *
 * @param bytes the file's bytes
 * @param file its name, for errors
 * @returns tensors and metadata
 * @throws LossnetError when the file is truncated, corrupt or holds anything but float32
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
    if (entry.dtype !== 'F32') {
      throw new LossnetError(
        'LOSSNET_SAFETENSORS_INVALID',
        `${file}: tensor ${name} is ${entry.dtype}; only F32 (float32) can be read.`,
        'Convert it first, in PyTorch: save_file({k: v.float() for k, v in state.items()}, path).',
      );
    }
    const size = entry.shape.reduce((product, length) => product * length, 1);
    if (end - begin !== size * 4) throw corrupt(`tensor ${name} has ${end - begin} bytes for ${size} values`);
    if (begin < 0 || end > data.length) throw corrupt(`tensor ${name} reaches beyond the file's end`);
    // Copied, since a view of float32 would need an aligned offset.
    const values = new Float32Array(Uint8Array.from(data.subarray(begin, end)).buffer);
    tensors.set(name, { shape: entry.shape, values });
  }
  return { tensors, metadata: (metadata ?? {}) as Record<string, string> };
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
