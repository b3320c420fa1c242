import { beforeAll, describe, it } from 'vitest';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import type { Dataset } from '../../src/train/data/dataset.js';
import type { Engine } from '../../src/train/engine/index.js';
import type { Sequential } from '../../src/train/model/sequential.js';
import { fixture } from '../helpers/fixtures.js';
import { numbers, sizeOf } from '../helpers/numbers.js';
import { type Block, layersOf } from '../helpers/options.js';
import {
  expectSharp,
  expectSharpEvaluations,
  type Recording,
  trainWhole,
  WAYS,
} from '../helpers/whole-run.js';

/**
 * Whole runs with everything that a modern configuration has, against PyTorch: see test/fixtures/make_whole_runs.py,
 * which makes the same images and first weights.
 */
interface Case {
  name: string;
  model: Block[];
  images: number;
  batch_size: number;
  epochs: number;
  loss: Block;
  optimizer: Block;
  schedule: Block;
  clip_grad_norm: number | null;
  recording: Required<Recording>;
}

const { shape, classes, normalize, cases } = fixture<{
  shape: [number, number, number];
  classes: number;
  normalize: { mean: number[]; std: number[] };
  cases: Case[];
}>('whole_runs.json');

/** Each class has a coarse pattern of 4 x 4 pixels a cell, under noise of each pixel. */
function images(name: string, records: number): Dataset {
  const [channels, height, width] = shape;
  const patterns = numbers('patterns', (classes * sizeOf(shape)) / 16);
  const noise = numbers(name, records * sizeOf(shape));
  const targets = Uint8Array.from({ length: records }, (_, i) => i % classes);
  const bytes = new Uint8Array(noise.length);
  let at = 0;
  for (const target of targets)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let channel = 0; channel < channels; channel++) {
          const row = ((target * channels + channel) * height) / 4 + Math.floor(y / 4);
          const cell = patterns[(row * width) / 4 + Math.floor(x / 4)]!;
          bytes[at] = Math.floor(128 + 20 * cell + 100 * noise[at]!);
          at += 1;
        }
  return {
    identity: { name: 'patterns', split: 'train', source: 'generated', records, sha256: name },
    spec: {
      name: 'patterns',
      input: { kind: 'image', channels, height, width },
      target: { kind: 'class', names: Array.from({ length: classes }, (_, i) => `${i}`) },
    },
    inputs: bytes,
    targets,
  };
}

/** Weights uniform within 1/sqrt(fan_in), those of norms around 1, biases around 0. */
function begin(model: Sequential): void {
  model.initialize();
  for (const parameter of model.parameters) {
    const { name, shape, size } = parameter;
    const fanIn = size / shape[0]!;
    const centre = name.endsWith('weight') ? 1 : 0;
    parameter.load(
      numbers(name, size).map((value) => (shape.length > 1 ? value / Math.sqrt(fanIn) : value / 10 + centre)),
    );
  }
}

/** A batch that is normalised as a whole has no parts. */
const waysOf = ({ model }: Case) =>
  WAYS.filter(([, lanes]) => lanes === 1 || !model.some(({ type }) => type === 'batch_norm2d'));

const RUNS = cases.flatMap((c) =>
  waysOf(c).map(([engine, lanes]): [string, Engine, number, Case] => [c.name, engine, lanes, c]),
);

describe('whole runs stay as close to the exact trajectory as float32 can', () => {
  beforeAll(() => loadTensorFlow());

  it.each(RUNS)('%s, engine %s, %i part(s) side by side', (_, engine, lanes, c) => {
    const { losses, evaluations } = trainWhole(
      {
        layers: layersOf(...c.model),
        begin,
        data: { train: images('training images', c.images), eval: images('evaluation images', 250) },
        epochs: c.epochs,
        batchSize: c.batch_size,
        optimizer: c.optimizer,
        loss: c.loss,
        schedule: c.schedule,
        clipGradNorm: c.clip_grad_norm,
        normalize,
      },
      engine,
      lanes,
    );
    expectSharp(losses, c.recording);
    expectSharpEvaluations(evaluations, c.recording, 250);
  });
});
