import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js';

const tensors = new Map([
  ['a', { shape: [2, 3], values: Float32Array.from([1, -2, 3.5, Number.NaN, 1e-40, -0]) }],
  ['empty', { shape: [0], values: new Float32Array(0) }],
  ['scalar', { shape: [], values: Float32Array.from([7]) }],
]);
const metadata = { format: 'pt', note: 'größer' };
const bytes = encodeSafetensors({ tensors, metadata });

describe('safetensors', () => {
  it('come back as they were, to the last bit', () => {
    expect(decodeSafetensors(bytes, 'x')).toEqual({ tensors, metadata });
  });

  it('have the format of the specification', () => {
    const headerLength = Number(bytes.readBigUInt64LE(0));
    expect(headerLength % 8).toBe(0);
    const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString());
    expect(header.a).toEqual({ dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] });
    expect(bytes.length).toBe(8 + headerLength + 28);
    expect(bytes.readFloatLE(8 + headerLength + 8)).toBe(3.5);
  });

  it('give the same bytes for the same content', () => {
    expect(encodeSafetensors({ tensors, metadata })).toEqual(bytes);
  });

  const header = (content: string) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(content.length));
    return Buffer.concat([length, Buffer.from(content), Buffer.alloc(8)]);
  };
  it.each([
    ['an empty file', Buffer.alloc(0), 'it has 0 bytes'],
    ['a header cut short', bytes.subarray(0, 20), 'its header should have'],
    ['values cut short', bytes.subarray(0, -1), 'tensor scalar reaches beyond'],
    ['random text', Buffer.from('this is not a safetensors file at all'), 'its header should have'],
    ['a header that is no JSON', header('{"a":'), 'its header is not a JSON object'],
    ['a header that is a list', header('[1]'), 'its header is not a JSON object'],
    [
      'a tensor without offsets',
      header('{"a":{"dtype":"F32","shape":[1]}}'),
      'the header of tensor a is malformed',
    ],
    [
      'a size that does not match',
      header('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}'),
      '8 bytes for 3 values',
    ],
    [
      'another type',
      header('{"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}'),
      'tensor a is F16; only F32',
    ],
  ])('refuses %s', (_, content, message) => {
    expect(() => decodeSafetensors(content, 'x.safetensors')).toThrow(message);
  });
});
