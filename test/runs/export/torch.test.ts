import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { torchCode } from '../../../src/runs/export/card/torch.js';
import { encodeWeights } from '../../../src/runs/export/safetensors.js';
import { loadTensorFlow } from '../../../src/train/backend/tensorflow.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import type { InputShape } from '../../../src/train/model/shape.js';
import { fixture } from '../../helpers/fixtures.js';
import { shapeOf } from '../../helpers/layers.js';
import { stateOf } from '../../helpers/numbers.js';
import { type Block, layersOf } from '../../helpers/options.js';
import { inputsOf, saidBy } from './said.js';

interface Case {
  readonly name: string;
  readonly shape: number[];
  readonly whole_below: number | null;
  readonly layers: Block[];
}

const PYTHON = process.env.LOSSNET_TEST_PYTHON ?? 'python3';
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch, safetensors']).status === 0;
const { cases } = fixture<{ cases: Case[] }>('layers.json');

const folder = mkdtempSync(join(tmpdir(), 'lossnet-torch-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs each model that was written out, in one process, and prints how far it is from lossnet. */
const COMPARE = `
import json, sys, torch
from torch import nn
from safetensors.torch import load_file
worst = []
for i, case in enumerate(json.load(open(sys.argv[1] + "/cases.json"))):
    scope = {"nn": nn}
    exec(case["code"], scope)
    model = scope["model"].eval()
    model.load_state_dict(load_file(f"{sys.argv[1]}/{i}.safetensors"))
    x = torch.tensor(case["inputs"]).reshape(case["shape"])
    if len(case["shape"]) == 4:
        x = x.permute(0, 3, 1, 2)
    with torch.no_grad():
        said = model(x).flatten()
    expected = torch.tensor(case["expected"])
    worst.append(float((said - expected).abs().max() / expected.abs().max()))
print(json.dumps(worst))
`;

describe.skipIf(!hasTorch)("a model written out as PyTorch's modules", () => {
  beforeAll(() => loadTensorFlow());

  it('takes the weights under their names, and says what lossnet says', () => {
    const written = cases.map(({ layers, shape, whole_below }, i) => {
      const input: InputShape = shapeOf(shape, whole_below);
      const options = layersOf(...layers, { type: 'flatten' }, { type: 'linear', out_features: 3 });
      const model = Sequential.build({ layers: options, input, outputs: 3, seed: 0 });
      for (const tensor of model.state) tensor.load(stateOf(tensor.name, tensor.shape).values);
      const { inputs, sizes } = inputsOf(input, 4);
      const expected = [...saidBy(model, inputs, sizes)];
      writeFileSync(join(folder, `${i}.safetensors`), encodeWeights(model.state));
      model.dispose();
      const target = { kind: 'class', names: ['a', 'b', 'c'] } as const;
      const subject = {
        input,
        layers: model.layers,
        options,
        target,
        transforms: { scale: false, normalize: null },
      };
      return { code: torchCode(subject), inputs: [...inputs], shape: sizes, expected };
    });
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(written));
    const { stdout, stderr } = spawnSync(PYTHON, ['-c', COMPARE, folder], { encoding: 'utf8' });
    expect(stdout, stderr).not.toBe('');
    const worst = (JSON.parse(stdout) as number[]).map((share, i) => [cases[i]!.name, share] as const);
    expect(worst.length).toBe(cases.length);
    expect(worst.filter(([, share]) => !(share < 1e-5))).toEqual([]);
  });
});
