/** Values of an array, as they are in memory: of float16 as float32, of 64-bit integers as float64. */
export type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** What the elements of an array are. */
export interface ElementType {
  /** As NumPy and PyTorch call it, `float32`. */
  readonly name: string;
  readonly bytes: number;
  /** @returns the values; `bytes` begin at a multiple of 8 and are little-endian */
  decode(buffer: ArrayBuffer): Numbers;
}

const type = (name: string, bytes: number, decode: ElementType['decode']): ElementType => ({
  name,
  bytes,
  decode,
});

/** Of 64 bits: what needs more than 53 of them is rounded, and is no class. */
const wide = (values: BigInt64Array | BigUint64Array): Float64Array => {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) numbers[i] = Number(values[i]);
  return numbers;
};

export const BOOL = type('bool', 1, (buffer) => new Uint8Array(buffer));
export const UINT8 = type('uint8', 1, (buffer) => new Uint8Array(buffer));
export const INT8 = type('int8', 1, (buffer) => new Int8Array(buffer));
export const UINT16 = type('uint16', 2, (buffer) => new Uint16Array(buffer));
export const INT16 = type('int16', 2, (buffer) => new Int16Array(buffer));
export const UINT32 = type('uint32', 4, (buffer) => new Uint32Array(buffer));
export const INT32 = type('int32', 4, (buffer) => new Int32Array(buffer));
export const UINT64 = type('uint64', 8, (buffer) => wide(new BigUint64Array(buffer)));
export const INT64 = type('int64', 8, (buffer) => wide(new BigInt64Array(buffer)));
export const FLOAT16 = type('float16', 2, (buffer) => decode16(new Uint16Array(buffer), float16Of));
export const BFLOAT16 = type('bfloat16', 2, (buffer) => decode16(new Uint16Array(buffer), bfloat16Of));
export const FLOAT32 = type('float32', 4, (buffer) => new Float32Array(buffer));
export const FLOAT64 = type('float64', 8, (buffer) => new Float64Array(buffer));

/** Every type that can be read, for errors. */
export const READABLE = 'bool, int8 to int64, uint8 to uint64, float16, float32 or float64';

/** Of each of the 65,536 patterns its value: a table is quicker than the arithmetic. */
function decode16(patterns: Uint16Array, decode: (pattern: number) => number): Float32Array {
  const table = Float32Array.from({ length: 65_536 }, (_, pattern) => decode(pattern));
  const values = new Float32Array(patterns.length);
  for (let i = 0; i < patterns.length; i++) values[i] = table[patterns[i]!]!;
  return values;
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
function float16Of(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(pattern >> 10) & 31, pattern & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float32. */
function bfloat16Of(pattern: number): number {
  return new Float32Array(Uint32Array.of(pattern << 16).buffer)[0]!;
}
