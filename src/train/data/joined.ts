import { createHash } from 'node:crypto';
import { type Dataset, type Inputs, imageReader, type Split } from './dataset.js';

/**
 * Parts of a data set as one, in their order.
 *
 * @param parts of the same data set; of images or features
 * @param split what the whole is called
 * @returns the whole; of one part itself
 */
export function joined(parts: readonly Dataset[], split: Split): Dataset {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to join');
  if (parts.length === 1) return first;
  const places = parts.flatMap((part, i) =>
    Array.from({ length: part.identity.records }, (_, record) => ({ i, record })),
  );
  const hash = createHash('sha256');
  for (const { identity } of parts) hash.update(identity.sha256);
  const { from: _, ...identity } = first.identity;
  const nameOf = (at: number) => {
    const { i, record } = places[at]!;
    return parts[i]!.nameOf?.(record) ?? `${record}`;
  };
  return {
    identity: { ...identity, split, records: places.length, sha256: hash.digest('hex') },
    spec: first.spec,
    inputs: joinedInputs(parts, places),
    targets: concatenated(parts.map(({ targets }) => targets)),
    ...(first.nameOf && { nameOf }),
  };
}

function joinedInputs(
  parts: readonly Dataset[],
  places: readonly { readonly i: number; readonly record: number }[],
): Dataset['inputs'] {
  if (parts[0]!.spec.input.kind === 'image') {
    const readers = parts.map(imageReader);
    return { read: (at) => readers[places[at]!.i]!(places[at]!.record) };
  }
  return concatenated(
    parts.map(({ inputs }) => {
      if ('read' in inputs || 'tokens' in inputs) throw new Error('sequences cannot be joined');
      return inputs;
    }),
  ) as Inputs;
}

function concatenated<T extends Uint8Array | Int32Array | Float32Array>(arrays: readonly T[]): T {
  const length = arrays.reduce((sum, array) => sum + array.length, 0);
  const whole = new (arrays[0]!.constructor as new (length: number) => T)(length);
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}
