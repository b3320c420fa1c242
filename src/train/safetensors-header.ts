import { printableName } from '../base/printable.js';

/** A tensor of a file: what it is, and which of the bytes behind the header are its values. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly tensors: readonly TensorInfo[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A file breaks the rules of the format. The message says how, without a full stop. */
export class SafetensorsFlaw extends Error {}

/** Longer headers are refused, as by the official library: more than any model has, and less than fills a memory. */
const MOST_HEADER_BYTES = 100_000_000;

/** Bits of each element, by type. */
const BITS = new Map(
  Object.entries({
    ...{ BOOL: 8, U8: 8, I8: 8, U16: 16, I16: 16, U32: 32, I32: 32, U64: 64, I64: 64 },
    ...{ BF16: 16, F16: 16, F32: 32, F64: 64, C64: 64, F4: 4, F6_E2M3: 6, F6_E3M2: 6 },
    ...{ F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
  }),
);

/**
 * Reads the header of a safetensors file by all rules of the format: known types, lengths and offsets that are whole
 * numbers, sizes that follow from types and shapes, values that fill the file without overlap, hole or rest.
 *
 * @param bytes the whole file
 * @returns what the header says, and the bytes that follow it
 * @throws SafetensorsFlaw that says which rule is broken by which tensor
 * @source https://github.com/huggingface/safetensors, `SafeTensors::read_metadata` and `Metadata::validate`
 */
export function readHeader(bytes: Buffer): SafetensorsHeader & { readonly data: Buffer } {
  const [json, data] = split(bytes);
  const { __metadata__, ...entries } = parse(json);
  const metadata = metadataOf(__metadata__);
  const tensors = Object.entries(entries).map(([name, entry]) => infoOf(name, entry));
  checkLayout(tensors, data.length);
  return { tensors, metadata, data };
}

function split(bytes: Buffer): [Buffer, Buffer] {
  if (bytes.length < 8) flaw(`it has ${bytes.length} bytes, and its header length alone takes 8`);
  const length = bytes.readBigUInt64LE(0);
  if (length > MOST_HEADER_BYTES) flaw(`its header should have ${length} bytes, and 100 MB are the most`);
  const end = 8 + Number(length);
  if (end > bytes.length) {
    flaw(`its header should have ${length} bytes, and only ${bytes.length - 8} follow`);
  }
  return [bytes.subarray(8, end), bytes.subarray(end)];
}

function parse(json: Buffer): Record<string, unknown> {
  const text = decode(json);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    // reported below
  }
  if (!isObject(header)) flaw('its header is not a JSON object');
  const twice = repeatedKey(text);
  if (twice !== undefined) flaw(`its header has the key ${printableName(twice)} twice`);
  return header;
}

function decode(json: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    return flaw('its header is not UTF-8 text');
  }
}

function metadataOf(metadata: unknown): Record<string, string> {
  if (metadata === undefined || metadata === null) return {};
  if (!isObject(metadata)) flaw('its metadata are not an object');
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') flaw(`its metadata ${printableName(key)} are not text`);
  }
  return metadata as Record<string, string>;
}

function infoOf(name: string, entry: unknown): TensorInfo {
  const tensor = `tensor ${printableName(name)}`;
  if (!isObject(entry)) flaw(`${tensor} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const bits = typeof dtype === 'string' ? BITS.get(dtype) : undefined;
  if (typeof dtype !== 'string' || bits === undefined)
    flaw(`${tensor} ${isOf('dtype', dtype, 'F32 or I64')}`);
  if (!isCounts(shape)) flaw(`${tensor} ${isOf('shape', shape, 'a list of whole numbers from 0 on')}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    flaw(`${tensor} ${isOf('data_offsets', offsets, 'two whole numbers from 0 on')}`);
  }
  const [begin, end] = offsets as [number, number];
  const elements = elementsOf(shape);
  if (elements === null) flaw(`${tensor} has more elements than can be counted: [${shape.join(', ')}]`);
  if ((elements * bits) / 8 !== end - begin) {
    flaw(`${tensor} has ${end - begin} bytes for ${elements} values of ${dtype}`);
  }
  return { name, dtype, shape, begin, end };
}

function elementsOf(shape: readonly number[]): number | null {
  let product = 1;
  for (const length of shape) {
    product *= length;
    if (!Number.isSafeInteger(product)) return null;
  }
  return product;
}

/** Every byte belongs to one tensor. */
function checkLayout(tensors: readonly TensorInfo[], size: number): void {
  let reached = 0;
  let before = '';
  for (const { name, begin, end } of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const tensor = printableName(name);
    if (begin < reached) flaw(`tensors ${before} and ${tensor} overlap`);
    if (begin > reached) flaw(`${begin - reached} bytes in front of tensor ${tensor} belong to none`);
    if (end > size) flaw(`tensor ${tensor} reaches beyond the file's end`);
    reached = end;
    before = tensor;
  }
  if (reached < size) flaw(`${size - reached} bytes behind its tensors belong to none`);
}

/** The first key that an object within valid JSON has twice: parsers keep the last of them and say nothing. */
function repeatedKey(json: string): string | undefined {
  const colon = /\s*:/y;
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{' || character === '[') open.push(new Set());
    else if (character === '}' || character === ']') open.pop();
    if (character !== '"') continue;
    const start = i;
    for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++;
    colon.lastIndex = i + 1;
    if (!colon.test(json)) continue;
    const key = JSON.parse(json.slice(start, i + 1)) as string;
    const keys = open.at(-1)!;
    if (keys.has(key)) return key;
    keys.add(key);
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

const isOf = (key: string, value: unknown, expected: string) =>
  value === undefined
    ? `has no ${key}`
    : `has the ${key} ${printableName(JSON.stringify(value))}; expected ${expected}`;

function flaw(message: string): never {
  throw new SafetensorsFlaw(message);
}
