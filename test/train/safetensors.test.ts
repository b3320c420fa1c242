import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LossnetError } from '../../src/base/errors.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js';
import { fixture } from '../helpers/fixtures.js';

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

  const header = (content: string, data = 8) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(content)));
    return Buffer.concat([length, Buffer.from(content), Buffer.alloc(data)]);
  };
  const failure = (content: Buffer, file = 'x.safetensors'): LossnetError => {
    try {
      decodeSafetensors(content, file);
    } catch (error) {
      if (error instanceof LossnetError) return error;
      throw error;
    }
    throw new Error('the file was taken');
  };

  it.each([
    ['an empty file', Buffer.alloc(0), 'it has 0 bytes'],
    ['a header cut short', bytes.subarray(0, 20), 'its header should have'],
    ['a header without end', Buffer.alloc(9, 0xff), '100 MB are the most'],
    ['values cut short', bytes.subarray(0, -1), "tensor scalar reaches beyond the file's end"],
    [
      'bytes behind the last tensor',
      Buffer.concat([bytes, Buffer.alloc(3)]),
      '3 bytes behind its tensors belong to none',
    ],
    ['random text', Buffer.from('this is not a safetensors file at all'), 'its header should have'],
    ['a header that is no JSON', header('{"a":'), 'its header is not a JSON object'],
    ['a header that is a list', header('[1]'), 'its header is not a JSON object'],
    ['metadata that are no text', header('{"__metadata__":{"n":1}}'), 'its metadata n are not text'],
    ['no offsets', header('{"a":{"dtype":"F32","shape":[1]}}'), 'tensor a has no data_offsets'],
    [
      'offsets that are a block',
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":{}}}'),
      'tensor a has the data_offsets {}; expected two whole numbers from 0 on',
    ],
    [
      'a size that does not match',
      header('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}'),
      'tensor a has 8 bytes for 3 values of F32',
    ],
    [
      'a type that there is not',
      header('{"a":{"dtype":"float32","shape":[2],"data_offsets":[0,8]}}'),
      'tensor a has the dtype "float32"; expected F32 or I64',
    ],
    [
      'a tensor of two names',
      header(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
      ),
      'tensors a and b overlap',
    ],
    [
      'a hole',
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'),
      '4 bytes in front of tensor a belong to none',
    ],
    [
      'a name twice',
      header(
        '{"\\u0061":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
      ),
      'its header has the key a twice',
    ],
    [
      'whole numbers of more than 32 bits',
      Buffer.concat([
        header('{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', 0),
        Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]),
      ]),
      'tensor a holds whole numbers of more than 32 bits',
    ],
  ])('refuses %s', (_, content, message) => {
    expect(failure(content)).toMatchObject({
      code: 'LOSSNET_SAFETENSORS_INVALID',
      message: expect.stringMatching(/^x\.safetensors/),
    });
    expect(failure(content).message).toContain(message);
  });

  it('shows no control character of a name or a type', () => {
    const evil = 'a\u001b[31m\n\u202e';
    const entry = (dtype: string, end: number) =>
      header(JSON.stringify({ [evil]: { dtype, shape: [2], data_offsets: [0, end] } }));
    for (const content of [entry('F32', 4), entry('F16', 4), entry('\u001b[2J', 8)]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
      expect(failure(content).message).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
    expect(failure(entry('F32', 4)).message).toContain('tensor a\ufffd[31m\ufffd\ufffd has 4 bytes');
    const endless = header(JSON.stringify({ ['x'.repeat(100_000)]: null }));
    expect(failure(endless).message.length).toBeLessThan(300);
  });

  it('refuses or reads whatever a flipped bit makes of a header', () => {
    const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
    let refused = 0;
    for (let bit = 0; bit < 8 * headerEnd; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      try {
        // What is left is a name, or a text of the metadata.
        expect(decodeSafetensors(changed, 'x').tensors.size).toBe(3);
      } catch (error) {
        expect(error).toBeInstanceOf(LossnetError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(4 * headerEnd);
  });

  /** What the official library does not mind: a name twice, of which it takes the last. */
  const STRICTER = ['a tensor named twice'];
  const READ = /^dtype (?!F32|I64)/;
  const recorded = fixture<{ cases: { name: string; taken: boolean; file: string }[] }>(
    'safetensors.json',
  ).cases;

  it.each(recorded)('takes or refuses as the official library does: $name', ({ name, taken, file }) => {
    const content = Buffer.from(file, 'base64');
    if (taken && !STRICTER.includes(name) && !READ.test(name)) {
      expect(decodeSafetensors(content, 'x').tensors.size).toBeLessThan(4);
    } else {
      const message =
        taken && READ.test(name) ? 'only F32 (float32) and I64 (int64) can be read' : 'is not a valid';
      expect(failure(content).message).toContain(message);
    }
  });

  it('tells how to convert what torch.save wrote', () => {
    const zip = failure(Buffer.from('PK\u0003\u0004\0\0\b\b\0\0', 'latin1'), "my 'net.pt");
    expect(`${zip.message}\n${zip.remedy}`).toMatchInlineSnapshot(`
      "my 'net.pt is a zip archive, as torch.save writes them (.pt, .pth), and not a safetensors file. This converts it:
        python3 -c 'import sys, torch; from safetensors.torch import save_file; save_file({k: v.float().contiguous() for k, v in torch.load(sys.argv[1], map_location="cpu", weights_only=True).items()}, sys.argv[2])' 'my '\\''net.pt' 'my '\\''net.safetensors'
      Where the weights are only a part of it, say which: torch.load(...)["state_dict"].items()"
    `);
    const pickle = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
    expect(failure(pickle, 'net.pth').message).toMatch(/^net\.pth is a pickle, as torch\.save wrote them/);
    // The header of 640 bytes begins as a pickle does.
    const long = header(JSON.stringify({ __metadata__: { note: 'x'.repeat(640 - 28) } }), 0);
    expect(long.subarray(0, 2)).toEqual(Buffer.from([0x80, 0x02]));
    expect(decodeSafetensors(long, 'x').metadata.note).toHaveLength(640 - 28);
  });

  const PYTHON = process.env.LOSSNET_TEST_PYTHON ?? 'python3';
  const hasTorch = spawnSync(PYTHON, ['-c', 'import torch, safetensors.torch']).status === 0;

  it.skipIf(!hasTorch)('names a line that converts what PyTorch wrote', () => {
    const cwd = mkdtempSync(join(tmpdir(), "lossnet '"));
    const make = `import torch
from safetensors.torch import save_file
state = {"w": torch.arange(6, dtype=torch.float64).reshape(2, 3).t(), "n": torch.tensor(5)}
torch.save(state, "a zip.pt")
torch.save(state, "old.pth", _use_new_zipfile_serialization=False)
save_file({k: v.contiguous() for k, v in state.items()}, "double.safetensors")`;
    expect(spawnSync(PYTHON, ['-c', make], { cwd }).status).toBe(0);
    for (const [from, to] of [
      ['a zip.pt', 'a zip.safetensors'],
      ['old.pth', 'old.safetensors'],
      ['double.safetensors', 'double-float32.safetensors'],
    ] as const) {
      const { message } = failure(readFileSync(join(cwd, from)), join(cwd, from));
      const line = /python3.*/.exec(message)![0].replace('python3', PYTHON);
      expect(spawnSync('sh', ['-c', line], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
      const { tensors: converted } = decodeSafetensors(readFileSync(join(cwd, to)), to);
      expect(converted.get('w')).toEqual({ shape: [3, 2], values: Float32Array.from([0, 3, 1, 4, 2, 5]) });
      expect(converted.get('n')).toEqual({ shape: [], values: Float32Array.from([5]) });
    }
  });
});
