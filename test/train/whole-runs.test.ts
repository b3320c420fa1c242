import { beforeAll, describe, it } from 'vitest';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import type { Engine } from '../../src/train/engine/index.js';
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

const { images, begin } = patterns({ shape, classes });

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
