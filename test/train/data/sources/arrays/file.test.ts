import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inMemory } from '../../../../../src/train/data/dataset.js';
import { decodeNpy } from '../../../../../src/train/data/sources/arrays/npy.js';
import { crc32, ownCrc32, readZip, unzip } from '../../../../../src/train/data/sources/arrays/zip.js';
import { temporaryFolder } from '../../helpers.js';
import { arraysOf, bytesOf, npy, npz, RECORDED, refusal } from './helpers.js';

const X = npy(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [4, 2]);
const Y = npy(Uint8Array.of(0, 1, 1, 0));
const TWO = { inputs: 'x.npy', targets: 'y.npy' };

describe('decodeNpy', () => {
  it.each(RECORDED.files.map((file, i) => ({ i, ...file })))(
    'reads $dtype as NumPy wrote it ($i)',
    (given) => {
      const { type, shape, values } = decodeNpy(bytesOf(given.file));
      expect(type.name).toBe(given.dtype);
      expect(shape).toEqual(given.shape);
      const expected = given.values.map((value) =>
        value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value),
      );
      expect([...values]).toEqual(expected);
    },
  );

  it('was recorded for every type, order and version', () => {
    expect(RECORDED.files.length).toBe(12 * 4 + 5);
  });

  it.each([
    [
      'objects',
      "holds Python objects (dtype object), which are a pickle: reading one may run any program (dtype '|O')",
    ],
    ['texts', "holds texts (dtype '<U3')"],
    ['bytes', "holds texts (dtype '|S3')"],
    ['complex', "holds complex numbers (dtype '<c16')"],
    ['dates', "holds dates (dtype '<M8[D]')"],
    ['fields', "has named fields, or raw bytes (dtype [('a', '<i4'), ('b', '<f4')])"],
    ['long', "has elements of a type that cannot be read (dtype '<f16')"],
  ])('refuses %s', (name, message) => {
    expect(() => decodeNpy(bytesOf(RECORDED.refused[name]!))).toThrow(message);
  });

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    [
      'cut in its values',
      (bytes) => bytes.subarray(0, -3),
      'is cut off: (4, 2) of float32 take 32 bytes, and 29 are there',
    ],
    [
      'with more behind them',
      (bytes) => Buffer.concat([bytes, Y]),
      'is too long: (4, 2) of float32 take 32 bytes',
    ],
    ['cut in its header', (bytes) => bytes.subarray(0, 40), 'is cut off in its header'],
    ['cut in its beginning', (bytes) => bytes.subarray(0, 7), 'is cut off in its header'],
    [
      'of version 9',
      (bytes) => Buffer.concat([bytes.subarray(0, 6), Buffer.of(9), bytes.subarray(7)]),
      'is of version 9 of the format; 1 to 3 can be read',
    ],
    [
      'with another header',
      (bytes) => Buffer.from(bytes.toString('latin1').replace('fortran', 'pascal_'), 'latin1'),
      'is damaged: its header reads',
    ],
    [
      'of an absurd shape',
      () => npy(Uint8Array.of(1), [4_000_000_000, 9_000_000]),
      'is damaged: its shape (4000000000, 9000000) is absurd',
    ],
  ])('refuses a file %s', (_, change, message) => {
    expect(() => decodeNpy(change(X))).toThrow(message);
  });
});

describe('an .npz file', () => {
  it('has the checksum of ZIP', () => {
    for (const sum of [crc32, ownCrc32]) {
      expect(sum(Buffer.from('123456789')).toString(16)).toBe('cbf43926');
      expect(sum(X)).toBe(ownCrc32(X));
    }
  });

  it.each(['stored', 'deflated'] as const)('is read as NumPy wrote it, %s', async (way) => {
    const source = arraysOf({ 'data.npz': bytesOf(RECORDED.archives[way]) });
    const { train, eval: held } = await source.load();
    const all = [train, held].flatMap((part) => [...inMemory(part)]).sort();
    expect(all).toEqual([...RECORDED.pair.inputs].sort());
    expect(source.spec.target).toEqual({ kind: 'class', names: ['0', '1'] });
  });

  const whole = npz({ inputs: X, targets: Y });
  it.each<[string, Buffer, string]>([
    [
      'cut off',
      whole.subarray(0, 100),
      'path: data.npz is damaged: it ends before the directory of its files, as a copy that was cut off does',
    ],
    [
      'with other bytes',
      Buffer.from(whole).fill(7, 50, 60),
      'inputs: data.npz: inputs is damaged: it is larger than its directory says',
    ],
    [
      'with another checksum',
      changed(whole, whole.lastIndexOf('PK\x01\x02', -1, 'latin1') + 16, 1),
      'targets: data.npz: targets is damaged: its checksum (CRC-32) is wrong',
    ],
  ])('is refused %s', (_, content, message) => {
    expect(refusal(arraysOf({ 'data.npz': content }))).toContain(message);
  });

  it('is refused with a wrong checksum, and larger than its directory says', () => {
    const [entry] = readZip(whole);
    expect(() => unzip(whole, { ...entry!, crc: 1 }, 1e9)).toThrow('its checksum (CRC-32) is wrong');
    expect(() => unzip(whole, { ...entry!, size: 100 }, 1e9)).toThrow('it is larger than its directory says');
    expect(() => unzip(whole, entry!, 100)).toThrow('has 0.0 GB, and 1e-7 GB are the most');
    expect(() => unzip(whole, { ...entry!, isEncrypted: true }, 1e9)).toThrow('is encrypted');
    expect(() => unzip(whole, { ...entry!, method: 12 }, 1e9)).toThrow('is packed by method 12');
    expect(() => unzip(whole, { ...entry!, at: 1e9 }, 1e9)).toThrow('it ends too early');
  });

  it('is read where its directory has fields of 64 bits, as that of more than 4 GB', () => {
    const [entry] = readZip(whole);
    const at = whole.indexOf('PK\x01\x02', 0, 'latin1');
    const fixed = Buffer.from(whole.subarray(at, at + 46));
    const name = whole.subarray(at + 46, at + 46 + fixed.readUInt16LE(28));
    for (const offset of [20, 24, 42]) fixed.writeUInt32LE(0xffffffff, offset);
    const extra = Buffer.alloc(4 + 24);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    for (const [i, value] of [entry!.size, entry!.packed, entry!.at].entries()) {
      extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
    }
    fixed.writeUInt16LE(extra.length, 30);
    const end64 = Buffer.alloc(56);
    end64.write('PK\x06\x06', 'latin1');
    end64.writeBigUInt64LE(1n, 32);
    end64.writeBigUInt64LE(BigInt(at), 48);
    const locator = Buffer.alloc(20);
    locator.write('PK\x06\x07', 'latin1');
    locator.writeBigUInt64LE(BigInt(at + 46 + name.length + extra.length), 8);
    const end = Buffer.alloc(22, 0xff);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt16LE(0, 20);
    const large = Buffer.concat([whole.subarray(0, at), fixed, name, extra, end64, locator, end]);
    expect(readZip(large)).toEqual([entry]);
    expect(unzip(large, readZip(large)[0]!, 1e9).equals(X)).toBe(true);
  });

  it('with any other byte is read or refused, in words', () => {
    for (let at = 0; at < whole.length; at++) {
      const source = arraysOf({ 'data.npz': changed(whole, at, whole[at]! ^ 0x55) });
      try {
        source.spec;
      } catch (error) {
        expect(error).toMatchObject({ code: 'LOSSNET_DATA_UNUSABLE' });
      }
    }
  });
});

function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}

describe('a safetensors file', () => {
  it.each([
    ['numpy', 'inputs', 'inputs'],
    ['torch', 'inputs', 'bfloat16'],
    ['torch', 'half', 'half'],
  ] as const)('is read as %s wrote its %s', async (way, inputs, values) => {
    const source = arraysOf(
      { 'd.safetensors': bytesOf(RECORDED.tensors[way]) },
      { path: 'd.safetensors', inputs },
    );
    const { train, eval: held } = await source.load();
    const all = [train, held].flatMap((part) => [...inMemory(part)]).sort();
    expect(all).toEqual([...RECORDED.pair[values]].sort());
  });
});

describe('a file', () => {
  it.each<[string, Record<string, Buffer>, Parameters<typeof arraysOf>[1], string]>([
    [
      'that is not named',
      {},
      {},
      'path: no file is named → name an .npz or safetensors file: path: data.npz; or two .npy files: inputs: x.npy, targets: y.npy',
    ],
    ['that is named alone', { 'x.npy': X }, { inputs: 'x.npy' }, 'targets: no file is named'],
    [
      'that is not there',
      {},
      TWO,
      'inputs: there is no file x.npy → relative paths count from the working folder',
    ],
    [
      'of one array as path',
      { 'x.npy': X },
      { path: 'x.npy' },
      'path: x.npy is an .npy file, which holds one array → leave path out, and name two such files: inputs: x.npy, targets: y.npy',
    ],
    [
      'of several as inputs',
      { 'x.npz': npz({ inputs: X }), 'y.npy': Y },
      { inputs: 'x.npz', targets: 'y.npy' },
      'inputs: x.npz holds arrays of several names (inputs) → write path: x.npz, and the name of the array as inputs',
    ],
    [
      'of torch.save',
      { 'data.npz': bytesOf(RECORDED.torch_file) },
      {},
      'path: data.npz is a file of torch.save, a pickle: reading one may run any program → write it with np.savez(',
    ],
    [
      'with a pickle',
      { 'data.npz': Buffer.from('\x80\x04\x95\x00\x00', 'latin1') },
      {},
      'path: data.npz is a pickle of Python: reading one may run any program',
    ],
    [
      'of HDF5',
      { 'data.npz': Buffer.from('\x89HDF\r\n\x1a\n1234', 'latin1') },
      {},
      'path: data.npz is an HDF5 file → write it with np.savez(',
    ],
    [
      'of text',
      { 'data.npz': Buffer.from('a,b\n1,2\n3,4\n') },
      {},
      'path: data.npz is neither .npy nor .npz nor safetensors',
    ],
    ['that is empty', { 'data.npz': Buffer.alloc(0) }, {}, 'path: data.npz is empty'],
    [
      'with objects',
      { 'data.npz': npz({ x: bytesOf(RECORDED.refused.objects!), y: Y }) },
      {},
      'inputs: data.npz: x holds Python objects (dtype object)',
    ],
  ])('%s is refused', (_, files, options, message) => {
    expect(refusal(arraysOf(files, options))).toContain(message);
  });

  it('that is a pipe or a folder is not waited for', () => {
    const folder = temporaryFolder();
    execFileSync('mkfifo', [join(folder, 'p.npz')]);
    expect(refusal(arraysOf({}, { path: join(folder, 'p.npz') }))).toContain('p.npz is no regular file');
    expect(refusal(arraysOf({}, { path: folder }))).toContain('is a folder → name a file');
  });
});
