import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import type { Engine } from '../../src/train/engine/index.js';
import type { LayerSelector } from '../../src/train/model/selection.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { carryOut, planTransfer } from '../../src/train/model/transfer.js';
import { stateDict } from '../../src/train/model/weights.js';
import { encodeSafetensors } from '../../src/train/safetensors.js';
import { fixture } from '../helpers/fixtures.js';
import { type Block, layersOf } from '../helpers/options.js';
import { patterns } from '../helpers/patterns.js';
import {
  expectSharp,
  expectSharpEvaluations,
  type Recording,
  trainWhole,
  WAYS,
} from '../helpers/whole-run.js';

/** Frozen layers, parameter groups and part of other weights, against PyTorch: see test/fixtures/make_transfer.py. */
interface Case {
  name: string;
  model: Block[];
  from?: Block[];
  freeze: LayerSelector[];
  frozen_mode: 'train' | 'eval';
  optimizer: Block;
  schedule: Block;
  clip_grad_norm: number | null;
  /** The tensors of the state that end as they began. */
  kept: string[];
  /** What PyTorch did not take. */
  keys: { missing: string[]; unexpected: string[]; other_shape: string[] } | null;
  recording: Required<Recording>;
}

const { shape, classes, normalize, cases, ...sizes } = fixture<{
  shape: [number, number, number];
  classes: number;
  normalize: { mean: number[]; std: number[] };
  images: number;
  batch_size: number;
  epochs: number;
  cases: Case[];
}>('transfer.json');
const { images, begin } = patterns({ shape, classes });
const [channels, height, width] = shape;

beforeAll(() => loadTensorFlow());

function build(blocks: readonly Block[]): Sequential {
  const input = { kind: 'image', channels, height, width } as const;
  return Sequential.build({ layers: layersOf(...blocks), input, outputs: classes, seed: 0 });
}

/** Half of what another model begins with, as a file. */
function fileOf(blocks: readonly Block[]): string {
  const model = build(blocks);
  begin(model);
  const halved = [...stateDict(model.state)].map(([name, { shape: own, values }]) => {
    const isCounter = values instanceof Int32Array;
    return [name, { shape: own, values: isCounter ? values : values.map((value) => value / 2) }] as const;
  });
  model.dispose();
  const file = join(mkdtempSync(join(tmpdir(), 'lossnet-transfer-')), 'other.safetensors');
  writeFileSync(file, encodeSafetensors({ tensors: new Map(halved), metadata: {} }));
  return file;
}

/** Normalisation over the whole batch allows no parts; frozen in evaluation, the norms of one case have none of it. */
const RUNS = cases.flatMap((c) =>
  WAYS.filter(([, lanes]) => lanes === 1 || c.frozen_mode === 'eval').map(
    ([engine, lanes]): [string, Engine, number, Case] => [c.name, engine, lanes, c],
  ),
);

describe('transfer stays as close to the exact trajectory as float32 can', () => {
  it.each(RUNS)('%s, engine %s, %i part(s) side by side', (_, engine, lanes, c) => {
    let first: ReturnType<typeof stateDict> | undefined;
    const { losses, evaluations, state } = trainWhole(
      {
        layers: layersOf(...c.model),
        begin: (model) => {
          begin(model);
          if (c.from) carryOut(model.state, planTransfer(model.state, fileOf(c.from)));
          first = stateDict(model.state);
        },
        data: { train: images('training images', sizes.images), eval: images('evaluation images', 250) },
        epochs: sizes.epochs,
        batchSize: sizes.batch_size,
        optimizer: c.optimizer,
        freeze: { layers: c.freeze, mode: c.frozen_mode },
        schedule: c.schedule,
        clipGradNorm: c.clip_grad_norm,
        normalize,
      },
      engine,
      lanes,
    );
    expectSharp(losses, c.recording);
    expectSharpEvaluations(evaluations, c.recording, 250);
    const isKept = (name: string) =>
      Buffer.from(first!.get(name)!.values.buffer).equals(Buffer.from(state.get(name)!.values.buffer));
    expect([...state.keys()].filter(isKept)).toEqual(c.kept);
  });
});

describe('part of other weights', () => {
  it.each(cases.flatMap((c) => (c.from && c.keys ? [[c.name, c, c.from, c.keys] as const] : [])))(
    '%s: takes and leaves what load_state_dict(strict=False) does',
    (_, c, from, keys) => {
      const model = build(c.model);
      const { missing, unexpected, otherShape, taken, of } = planTransfer(model.state, fileOf(from));
      expect({ missing, unexpected, other_shape: otherShape.map(({ name }) => name) }).toEqual(keys);
      expect(of).toBe(model.state.length);
      expect(taken).toHaveLength(of - missing.length - otherShape.length);
    },
  );
});
