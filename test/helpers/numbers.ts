import type { StoredTensor } from '../../src/train/safetensors.js';

/** Numbers in [-1, 1) that are a function of a name; test/fixtures/torch_models.py makes the same. */
export function numbers(name: string, count: number): Float32Array {
  const seed = [...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 0);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let x = (Math.imul(i, 2654435761) + seed) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 2246822519) >>> 0;
    x = Math.imul(x ^ (x >>> 13), 3266489917) >>> 0;
    values[i] = ((x ^ (x >>> 16)) >>> 0) / 2147483648 - 1;
  }
  return values;
}

/** Values of a tensor of a model's state that follow from its name. */
export function stateOf(name: string, shape: readonly number[]): StoredTensor {
  const values = numbers(name, sizeOf(shape));
  if (name.endsWith('num_batches_tracked')) return { shape, values: Int32Array.of(3) };
  if (name.endsWith('running_var')) return { shape, values: values.map((value) => Math.abs(value) + 0.5) };
  return { shape, values: values.map((value) => value * 0.5) };
}

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Float32 values as the fixtures keep them: base64 of their bytes. */
export function decodeFloats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
