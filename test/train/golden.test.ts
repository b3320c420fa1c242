import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import type { LoadedDatasets } from '../../src/train/data/source.js';
import { cifar10 } from '../../src/train/data/sources/cifar/index.js';
import type { Engine } from '../../src/train/engine/index.js';
import type { Sequential } from '../../src/train/model/sequential.js';
import { loadWeights } from '../../src/train/model/weights.js';
import { expectWithin } from '../helpers/margin.js';
import { type Block, layersOf } from '../helpers/options.js';
import { TUTORIAL_LAYERS } from '../helpers/tutorial.js';
import {
  distances,
  expectSharp,
  expectSharpEvaluations,
  type Recording,
  trainWhole,
  WAYS,
} from '../helpers/whole-run.js';

/**
 * Whole training runs against PyTorch's, on real CIFAR-10 images, every step's loss. Recordings and images lie beside
 * the project, since the images may not be copied into it.
 */
const SHARED = new URL('../../../shared', import.meta.url).pathname;
const GOLDEN = `${SHARED}/golden`;
const IMAGES = `${SHARED}/data/cifar10-sample`;

const OPTIMIZERS: Readonly<Record<string, Block>> = {
  sgd: { type: 'sgd', lr: 0.01 },
  momentum: { type: 'sgd', lr: 0.01, momentum: 0.9 },
  'nesterov-wd': { type: 'sgd', lr: 0.01, momentum: 0.9, nesterov: true, weight_decay: 5e-4 },
  adam: { type: 'adam', lr: 1e-3 },
  adamw: { type: 'adamw', lr: 1e-3, weight_decay: 1e-2 },
  rmsprop: { type: 'rmsprop', lr: 1e-3 },
  'rmsprop-centered-momentum': { type: 'rmsprop', lr: 1e-4, alpha: 0.95, momentum: 0.9, centered: true },
};
/** At 1e-3 RMSprop's first steps throw these nets about, and PyTorch's own float32 with them. */
const GENTLE: Readonly<Record<string, Block>> = { ...OPTIMIZERS, rmsprop: { type: 'rmsprop', lr: 1e-4 } };

const conv = (channels: number, size: number, more: Block = {}): Block => ({
  type: 'conv2d',
  out_channels: channels,
  kernel_size: size,
  padding: (size - 1) / 2,
  ...more,
});
const pool = (size: number): Block => ({ type: 'avg_pool2d', kernel_size: size });
const linear = (features: number): Block => ({ type: 'linear', out_features: features });
const plain = (...types: string[]): Block[] => types.map((type) => ({ type }));

/** Nets without decisions: rounding grows slowly, and costs the same on every CPU. */
const SMOOTH = layersOf(
  conv(16, 5),
  pool(2),
  ...plain('tanh'),
  conv(32, 5),
  pool(2),
  ...plain('gelu'),
  conv(32, 3),
  pool(2),
  ...plain('silu', 'flatten'),
  linear(64),
  ...plain('tanh'),
  linear(10),
);
const NORMS = layersOf(
  conv(16, 3, { bias: false }),
  ...plain('batch_norm2d', 'gelu'),
  pool(2),
  conv(32, 3),
  ...plain('batch_norm2d', 'tanh'),
  pool(4),
  ...plain('flatten'),
  linear(64),
  ...plain('layer_norm', 'silu'),
  linear(10),
);

/** Of every case, a run for each engine and number of parts. */
const runsOf = (names: readonly string[], ways = WAYS): [string, Engine, number][] =>
  names.flatMap((name) => ways.map(([engine, lanes]): [string, Engine, number] => [name, engine, lanes]));

/** A step sees the sum of what the parts give: two optimizers tell whether it is right. */
const IN_PARTS = ['momentum', 'adam'];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.skipIf(!existsSync(GOLDEN) || !existsSync(IMAGES))("training follows PyTorch's trajectory", () => {
  let images: LoadedDatasets;
  beforeAll(async () => {
    await loadTensorFlow();
    images = await cifar10({
      type: 'cifar10',
      root: IMAGES,
      trainSplit: 'train',
      evalSplit: 'test',
      download: false,
      ifUnavailable: 'error',
    }).load();
  });

  const recordingOf = (name: string) =>
    JSON.parse(readFileSync(`${GOLDEN}/${name}.json`, 'utf8')) as Recording;
  const beginWith = (weights: string) => (model: Sequential) =>
    loadWeights(model.state, `${GOLDEN}/${weights}.safetensors`);

  describe('as closely as float32 can, without decisions', () => {
    const all = runsOf(Object.keys(OPTIMIZERS));
    it.each(all.filter(([name, , lanes]) => lanes === 1 || IN_PARTS.includes(name)))(
      '%s, engine %s, %i part(s) side by side',
      (name, engine, lanes) => {
        const run = {
          layers: SMOOTH,
          begin: beginWith('smooth-init'),
          data: images,
          epochs: 2,
          batchSize: 32,
          optimizer: GENTLE[name]!,
        };
        const { losses, evaluations } = trainWhole(run, engine, lanes);
        const recording = recordingOf(`smooth-${name}`);
        expectSharp(losses, recording);
        expectSharpEvaluations(evaluations, recording, 1000);
      },
    );

    // A batch that is normalised as a whole has no parts.
    const whole = WAYS.filter(([, lanes]) => lanes === 1);
    it.each(runsOf(['momentum', 'adam', 'rmsprop'], whole))(
      'with norms, %s, engine %s',
      (name, engine, lanes) => {
        const run = {
          layers: NORMS,
          begin: beginWith('norms-init'),
          data: images,
          epochs: 2,
          batchSize: 50,
          optimizer: GENTLE[name]!,
        };
        const { losses, evaluations } = trainWhole(run, engine, lanes);
        const recording = recordingOf(`norms-${name}`);
        expectSharp(losses, recording);
        // A bias in front of a batch norm has a gradient of rounding alone. Adam makes whole steps of it, behind which the
        // running mean lags: PyTorch's float32 evaluates 2.5e-3 beside its float64.
        for (const [epoch, { loss }] of evaluations.entries())
          expectWithin(Math.abs(loss / recording.eval_f64![epoch]!.loss - 1), 0.02, `evaluation ${epoch}`);
      },
    );
  });

  /**
   * Max pooling decides between nearly equal values. One decision that rounding turns moves a run by 1e-5 to 1e-2, on
   * another CPU at another step: nothing finer can be meant.
   */
  describe("roughly: the tutorial's CNN", () => {
    const tutorial = (name: string, engine: Engine, lanes: number) => {
      const isSeed = name === 'seed';
      const run = {
        layers: TUTORIAL_LAYERS,
        begin: beginWith('init'),
        data: isSeed ? { ...images, train: images.eval } : images,
        epochs: isSeed ? 1 : 2,
        batchSize: isSeed ? 1 : 32,
        optimizer: isSeed ? OPTIMIZERS.sgd! : OPTIMIZERS[name]!,
      };
      const { losses } = trainWhole(run, engine, lanes);
      const { loss_f64: exact } = recordingOf(name);
      expect(losses).toHaveLength(exact.length);
      expectWithin(Math.max(...distances(losses, exact).slice(0, 50)), 1e-2, 'the first 50 steps');
      const perEpoch = exact.length / run.epochs;
      for (let epoch = 0; epoch < run.epochs; epoch++) {
        const meanOf = (all: readonly number[]) => mean(all.slice(epoch * perEpoch, (epoch + 1) * perEpoch));
        expectWithin(Math.abs(meanOf(losses) / meanOf(exact) - 1), 1e-2, `mean loss of epoch ${epoch}`);
      }
    };

    it.each(['seed', ...Object.keys(OPTIMIZERS)])('%s', (name) => tutorial(name, 'graph', 1));
    it.each(runsOf(['seed', 'adam'], WAYS.slice(1)))('%s, engine %s, %i part(s) side by side', tutorial);
  });
});
