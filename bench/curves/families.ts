import { join } from 'node:path';
import { type ConfigInput, loadConfig, type ResolvedConfig } from '../../src/config/index.js';
import { fromArrays, type Samples } from '../../src/train/data/sources/custom/from-arrays.js';
import { RandomStream } from '../../src/train/random.js';
import { halfDecades } from '../half-decades.js';
import { PATHS } from '../paths.js';

/** Runs that differ in nothing but the learning rate, so that each is judged by its neighbours. */
export interface Family {
  readonly name: string;
  /** Whether it was trained once the rules were as they are. */
  readonly isFresh: boolean;
  /** Its learning rate is replaced. */
  readonly config: ResolvedConfig;
  readonly lrs: readonly number[];
  /** Epochs of the curve that is judged; three times as many are trained, to know what more would have brought. */
  readonly epochs: number;
}

type Optimizer = 'sgd' | 'momentum' | 'adam' | 'adamw' | 'rmsprop';

const OPTIMIZERS: Readonly<Record<Optimizer, object>> = {
  sgd: { type: 'sgd' },
  momentum: { type: 'sgd', momentum: 0.9 },
  adam: { type: 'adam' },
  adamw: { type: 'adamw' },
  rmsprop: { type: 'rmsprop' },
};

/** Half powers of ten: exponents of the first and the last, doubled. */
const LADDERS: Readonly<Record<Optimizer, readonly [number, number]>> = {
  sgd: [-7, 2],
  momentum: [-8, 0],
  adam: [-10, -2],
  adamw: [-10, -2],
  rmsprop: [-10, -2],
};

interface Kind {
  readonly name: string;
  readonly epochs: number;
  readonly optimizers: readonly Optimizer[];
  readonly config: (optimizer: object, seed: number) => ResolvedConfig;
}

const CONSTANT = { type: 'constant' } as const;

/** One of lossnet's own configurations, changed. */
const shipped = (file: string, changes: object) => (optimizer: object, seed: number) =>
  loadConfig({ file: join(PATHS.configs, `${file}.yaml`) }).with({
    seed,
    optimizer,
    schedule: CONSTANT,
    ...changes,
  });

const SMALL_CNN = [
  { type: 'conv2d', out_channels: 8, kernel_size: 3, padding: 1 },
  { type: 'relu' },
  { type: 'max_pool2d', kernel_size: 4 },
  { type: 'conv2d', out_channels: 16, kernel_size: 3, padding: 1 },
  { type: 'relu' },
  { type: 'max_pool2d', kernel_size: 2 },
  { type: 'flatten' },
  { type: 'linear', out_features: 10 },
];

/** Soon knows all that it can. */
const TINY = [
  { type: 'adaptive_avg_pool2d', output_size: 2 },
  { type: 'flatten' },
  { type: 'linear', out_features: 10 },
];

const mlp = (features: number, classes: number): ConfigInput['model'] => [
  { type: 'linear', out_features: features },
  { type: 'relu' },
  { type: 'linear', out_features: features },
  { type: 'relu' },
  { type: 'linear', out_features: classes },
];

const shapes = (train: number, model: object, batch: number) =>
  shipped('shapes-sgd', {
    dataset: { type: 'shapes', train_size: train, eval_size: 300 },
    'loader.batch_size': batch,
    model,
  });

/** Four classes by the signs of two sums of ten features; of every fifth sample the class is drawn anew. */
function table(rows: number, part: string, seed: number): Samples {
  const random = new RandomStream(seed, 'shapes', 'table', part);
  const inputs = Float32Array.from({ length: rows * 10 }, () => random.normal());
  const targets = Uint8Array.from({ length: rows }, (_, i) => {
    const x = inputs.subarray(i * 10, i * 10 + 10);
    const sign = (of: readonly number[]) => (of.reduce((sum, j) => sum + x[j]!, 0) > 0 ? 1 : 0);
    return random.float() < 0.2 ? Math.floor(random.float() * 4) : 2 * sign([0, 1, 2]) + sign([2, 3, 4]);
  });
  return { inputs, targets };
}

/** A sum of the features and a product of two, with noise that is a quarter of it: [rows, 1]. */
function values(rows: number, part: string, seed: number): Samples {
  const random = new RandomStream(seed, 'shapes', 'values', part);
  const inputs = Float32Array.from({ length: rows * 10 }, () => random.normal());
  const targets = Float32Array.from({ length: rows }, (_, i) => {
    const x = inputs.subarray(i * 10, i * 10 + 10);
    return 0.5 * (x[0]! + x[1]! - x[2]!) + 0.5 * x[3]! * x[4]! + 0.6 * random.normal();
  });
  return { inputs, targets };
}

const own =
  (what: { readonly name: string; readonly classes?: string[]; readonly values?: string[] }) =>
  (make: typeof table, rows: number, model: ConfigInput['model'], batch = 20) =>
  (optimizer: object, seed: number) =>
    loadConfig({
      config: {
        name: what.name,
        seed,
        loader: { batch_size: batch },
        model,
        loss: { type: what.values ? 'mse' : 'cross_entropy' },
        optimizer: optimizer as ConfigInput['optimizer'],
      },
      data: fromArrays({
        ...what,
        name: `${what.name}-${rows}-${seed}`,
        shape: [10],
        train: make(rows, 'train', seed),
        eval: make(400, 'eval', seed),
      }),
    });

const tableOf = own({ name: 'table', classes: ['a', 'b', 'c', 'd'] });
const valuesOf = own({ name: 'values', values: ['value'] });
const ownTable = (rows: number, model: ConfigInput['model'], batch?: number) =>
  tableOf(table, rows, model, batch);
const ownValues = (rows: number, model: ConfigInput['model']) => valuesOf(values, rows, model);

const KINDS: readonly Kind[] = [
  {
    name: 'shapes',
    epochs: 12,
    optimizers: ['sgd', 'momentum', 'adam', 'rmsprop', 'adamw'],
    config: shapes(600, SMALL_CNN, 32),
  },
  {
    name: 'noisy table',
    epochs: 20,
    optimizers: ['sgd', 'momentum', 'adam', 'rmsprop', 'adamw'],
    config: ownTable(400, mlp(64, 4)),
  },
  { name: 'large table', epochs: 6, optimizers: ['sgd', 'adam'], config: ownTable(2000, mlp(64, 4)) },
  { name: 'tiny model', epochs: 20, optimizers: ['adam', 'momentum'], config: shapes(600, TINY, 32) },
  {
    name: 'text',
    epochs: 5,
    optimizers: ['momentum', 'adam', 'rmsprop'],
    config: shipped('text-gru', {
      dataset: { type: 'text', size: 12_000, context: 32, stride: 4 },
      clip_grad_norm: null,
    }),
  },
  {
    name: 'pendulum',
    epochs: 12,
    optimizers: ['sgd', 'momentum', 'adam', 'rmsprop'],
    config: shipped('pendulum', {}),
  },
  { name: 'spirals', epochs: 30, optimizers: ['adam', 'momentum'], config: shipped('spirals', {}) },
  { name: 'leaves', epochs: 15, optimizers: ['adam', 'momentum'], config: shipped('leaves', {}) },
  {
    name: 'linear model',
    epochs: 20,
    optimizers: ['sgd', 'adam'],
    config: ownTable(400, [{ type: 'linear', out_features: 4 }]),
  },
  { name: 'tiny model, long', epochs: 60, optimizers: ['adam', 'momentum'], config: shapes(400, TINY, 32) },
  { name: 'few shapes', epochs: 30, optimizers: ['sgd', 'adam'], config: shapes(200, SMALL_CNN, 20) },
  {
    name: 'tutorial net',
    epochs: 4,
    optimizers: ['sgd', 'adam'],
    config: shipped('cifar-sgd', { dataset: { type: 'shapes', train_size: 2000, eval_size: 300 } }),
  },
  {
    name: 'noisy values',
    epochs: 15,
    optimizers: ['sgd', 'momentum', 'adam', 'rmsprop', 'adamw'],
    config: ownValues(300, mlp(64, 1)),
  },
  {
    name: 'linear values',
    epochs: 20,
    optimizers: ['sgd', 'momentum', 'adam', 'rmsprop'],
    config: ownValues(400, [{ type: 'linear', out_features: 1 }]),
  },
  {
    name: 'few rows',
    epochs: 40,
    optimizers: ['sgd', 'momentum', 'adam', 'rmsprop', 'adamw'],
    config: ownTable(80, mlp(64, 4)),
  },
  {
    name: 'small batches',
    epochs: 5,
    optimizers: ['sgd'],
    config: ownTable(600, mlp(32, 4), 4),
  },
];

/** Kinds that were trained anew, with other weights, order and tables, once the rules were as they are. */
const FRESH: readonly string[] = [
  'noisy table',
  'large table',
  'linear model',
  'few rows',
  'noisy values',
  'linear values',
  'spirals',
  'pendulum',
  'shapes',
];

/** All families: a kind of model and data with one optimizer. */
export function families(): Family[] {
  const of = (seed: number, kinds: readonly Kind[]) =>
    kinds.flatMap(({ name, epochs, optimizers, config }) =>
      optimizers.map((optimizer) => ({
        name: `${name}, ${optimizer}${seed === 0 ? '' : `, seed ${seed}`}`,
        isFresh: seed !== 0,
        config: config(OPTIMIZERS[optimizer], seed),
        lrs: halfDecades(...LADDERS[optimizer]),
        epochs,
      })),
    );
  return [
    ...of(0, KINDS),
    ...of(
      1,
      KINDS.filter(({ name }) => FRESH.includes(name)),
    ),
  ];
}
