import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import type { ImageShape } from '../../../src/train/model/shape.js';
import { loadWeights, stateDict } from '../../../src/train/model/weights.js';
import { decodeSafetensors, encodeSafetensors } from '../../../src/train/safetensors.js';
import { expectClose } from '../../helpers/close.js';
import { fixture } from '../../helpers/fixtures.js';
import { shapeOf } from '../../helpers/layers.js';
import { numbers, sizeOf, stateOf } from '../../helpers/numbers.js';
import { type Block, layersOf } from '../../helpers/options.js';

interface Case {
  name: string;
  shape: number[];
  whole_below?: number;
  layers: Block[];
  file: string;
  /** What PyTorch gives with weights that follow from their names, and after it has changed them. */
  logits: number[][];
  changed: number[][];
}

const { cases } = fixture<{ cases: Case[] }>('weights.json');
const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const PYTHON = process.env.LOSSNET_TEST_PYTHON ?? 'python3';
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch, numpy']).status === 0;

beforeAll(() => loadTensorFlow());

function modelOf({ shape, layers, whole_below = undefined }: Case): Sequential {
  const input = shapeOf(shape, whole_below ?? null) as ImageShape;
  return Sequential.build({ layers: layersOf(...layers), input, outputs: 4, seed: 0 });
}

function logitsOf(model: Sequential, { shape, whole_below }: Case): Float32Array {
  const tf = tensorflow();
  const sizes = [4, ...shape];
  const values = numbers('x', sizeOf(sizes)).map((value) =>
    whole_below === undefined ? value : Math.floor(Math.fround(Math.fround(value + 1) * (whole_below / 2))),
  );
  return tf.tidy(() => {
    const x = tf.transpose(tf.tensor(values, sizes), [0, 2, 3, 1]);
    const pass = { training: false, batchKey: tf.tensor1d([0, 0], 'int32'), update: () => {} };
    return model.forward(x, pass).dataSync() as Float32Array;
  });
}

describe("weights are those of PyTorch's state_dict", () => {
  it.each(cases)('$name: of the same values come the same logits', (c) => {
    const model = modelOf(c);
    for (const tensor of model.state) tensor.load(stateOf(tensor.name, tensor.shape).values);
    expectClose(logitsOf(model, c), c.logits.flat(), 1e-5);
  });

  it.each(cases)('$name: a file that PyTorch saved gives its logits', (c) => {
    const model = modelOf(c);
    loadWeights(model.state, join(FIXTURES, c.file));
    expectClose(logitsOf(model, c), c.changed.flat(), 1e-5);
  });
});

/** Where PyTorch is installed (LOSSNET_TEST_PYTHON names the interpreter): there, and back. */
describe.skipIf(!hasTorch)('checkpoints go to real PyTorch and come back', () => {
  it.each(cases)('$name', (c) => {
    const folder = mkdtempSync(join(tmpdir(), 'lossnet-torch-'));
    const model = modelOf(c);
    model.initialize();
    const sent = join(folder, 'sent.safetensors');
    const returned = join(folder, 'returned.safetensors');
    writeFileSync(sent, encodeSafetensors({ tensors: stateDict(model.state), metadata: { format: 'pt' } }));
    const request = {
      layers: c.layers,
      shape: c.shape,
      whole_below: c.whole_below,
      load: sent,
      save: returned,
    };
    const { stdout, stderr } = spawnSync(PYTHON, [join(FIXTURES, 'torch_state.py')], {
      input: JSON.stringify(request),
      encoding: 'utf8',
    });
    expect(stderr).not.toContain('Error');
    const answer = JSON.parse(stdout) as { logits: number[][]; changed: number[][] };
    expectClose(logitsOf(model, c), answer.logits.flat(), 1e-5);
    loadWeights(model.state, returned);
    expectClose(logitsOf(model, c), answer.changed.flat(), 1e-5);
  });
});

it('counters stay whole numbers of 64 bits in a file', () => {
  const bytes = encodeSafetensors({
    tensors: new Map([['n', { shape: [], values: Int32Array.of(70_000) }]]),
    metadata: {},
  });
  expect(bytes.toString('latin1')).toContain('"dtype":"I64"');
  expect(decodeSafetensors(bytes, 'x').tensors.get('n')?.values).toEqual(Int32Array.of(70_000));
});
