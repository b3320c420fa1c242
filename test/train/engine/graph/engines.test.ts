import { beforeAll, describe, expect, it } from 'vitest';
import { layerSchema } from '../../../../src/config/schema/layers.js';
import { lossSchema } from '../../../../src/config/schema/losses.js';
import { optimizerSchema } from '../../../../src/config/schema/optimizers.js';
import { loadTensorFlow, tensorflow } from '../../../../src/train/backend/tensorflow.js';
import type { Batch } from '../../../../src/train/data/loader.js';
import { EagerProgram } from '../../../../src/train/engine/eager.js';
import { GraphProgram } from '../../../../src/train/engine/graph/program.js';
import { createLoss } from '../../../../src/train/loss/index.js';
import { Sequential } from '../../../../src/train/model/sequential.js';
import { engineDimensions } from '../../../../src/train/model/shape.js';
import { stateDict } from '../../../../src/train/model/weights.js';
import type { ClipOptions } from '../../../../src/train/optim/clip.js';
import { createOptimizer } from '../../../../src/train/optim/index.js';
import { expectClose } from '../../../helpers/close.js';
import { fixture } from '../../../helpers/fixtures.js';
import { numbers, sizeOf } from '../../../helpers/numbers.js';
import { type Block, layersOf, lossOf, optimizerOf } from '../../../helpers/options.js';
import { classes } from '../../../helpers/tasks.js';

/**
 * Everything that a configuration can name, trained for three steps by both engines: the same losses, gradients,
 * weights, running statistics and optimizer state.
 */
const CLASSES = 3;
const STEPS = 3;

interface Setup {
  layers: Block[];
  shape: number[];
  wholeBelow?: number | null;
  loss?: Block;
  optimizer?: Block;
  batch?: number;
}

/** Layers for any shape as a model from images to classes. */
function modelOf({ layers, shape, wholeBelow = null }: Setup): Sequential {
  const [channels, height, width] = [...Array<number>(3 - shape.length).fill(1), ...shape] as [
    number,
    number,
    number,
  ];
  const values = wholeBelow === null ? {} : { wholeBelow };
  const image = shape.length === 2 ? { channels: 1, height, width } : { channels, height, width };
  const before: Block[] =
    shape.length === 3 ? [] : [{ type: 'flatten', ...(shape.length === 2 && { end_dim: 2 }) }];
  const all = [...before, ...layers, { type: 'flatten' }, { type: 'linear', out_features: CLASSES }];
  return Sequential.build({
    layers: layersOf(...all),
    input: { kind: 'image', ...image, ...values },
    outputs: CLASSES,
    seed: 3,
  });
}

function batchOf({ input }: Sequential, size: number, index: number): Batch {
  const wholeBelow = input.kind === 'tokens' ? input.vocabulary : input.wholeBelow;
  const shape = engineDimensions(input);
  const values = numbers(`batch ${index}`, sizeOf([size, ...shape]));
  const inputs = wholeBelow ? values.map((x) => Math.floor(((x + 1) / 2) * wholeBelow)) : values;
  const targets = Int32Array.from({ length: size }, (_, i) => (i + index) % CLASSES);
  return { epoch: 0, index, size, shape, inputs, targets };
}

const NO_CLIP: ClipOptions = { clipGradNorm: null, clipGradValue: null };

/** Trains in the usual order of calls and returns everything that there is to see. */
function train(setup: Setup, engine: 'eager' | 'graph', clip: ClipOptions = NO_CLIP, lanes = 1) {
  const model = modelOf(setup);
  model.initialize();
  const optimizer = createOptimizer(
    optimizerOf(setup.optimizer ?? { type: 'sgd', lr: 0.1 }),
    model.parameters,
  );
  const lossFunction = createLoss(lossOf(setup.loss ?? { type: 'cross_entropy' }));
  const size = setup.batch ?? 4;
  const task = classes(CLASSES);
  const parts = { model, task, lossFunction, optimizer, clip, pixels: null, lanes };
  const program =
    engine === 'graph'
      ? new GraphProgram(parts, { train: [size], evaluate: [size] })
      : new EagerProgram(model, lossFunction, task);
  const losses: number[] = [];
  const norms: (number | null)[] = [];
  for (let step = 0; step < STEPS; step++) {
    const loss = program.loss(batchOf(model, size, step));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.clipGradients(clip);
    optimizer.step();
    losses.push(loss.item());
    norms.push(optimizer.gradNorm);
  }
  const gradients = model.parameters.map((parameter) => parameter.gradient()!);
  const state = [...stateDict(model.state)].map(([, { values }]) => values);
  const memory = [...optimizer.stateDict().values()].flatMap(({ tensors }) => [...tensors.values()]);
  const evaluated = program.evaluate(batchOf(model, size, 9));
  if (program instanceof GraphProgram) program.dispose();
  return {
    losses,
    norms,
    evaluated: [evaluated.loss, ...Object.values(evaluated.sums)],
    gradients,
    state,
    memory,
  };
}

function expectSame(setup: Setup, clip = NO_CLIP): void {
  const eager = train(setup, 'eager', clip);
  // As a whole, and in parts side by side.
  for (const lanes of [1, 2]) expectGraph(train(setup, 'graph', clip, lanes), eager);
}

function expectGraph(graph: ReturnType<typeof train>, eager: ReturnType<typeof train>): void {
  expect(graph.losses.every(Number.isFinite)).toBe(true);
  expectClose(graph.losses, eager.losses, 1e-6, 'losses');
  expectClose(graph.evaluated, eager.evaluated, 1e-5, 'evaluation');
  expect(graph.norms.map((norm) => norm === null)).toEqual(eager.norms.map((norm) => norm === null));
  expectClose(graph.norms.map(Number), eager.norms.map(Number), 1e-5, 'norms');
  for (const what of ['gradients', 'state', 'memory'] as const) {
    expect(graph[what].length).toBe(eager[what].length);
    for (const [i, values] of graph[what].entries())
      expectClose(values, eager[what][i]!, 1e-4, `${what} ${i}`);
  }
}

beforeAll(() => loadTensorFlow());

interface LayerCase {
  name: string;
  shape: number[];
  batch: number;
  training: boolean;
  whole_below: number | null;
  layers: Block[];
}
const LAYERS = fixture<{ cases: LayerCase[] }>('layers.json').cases.filter(({ training }) => training);

describe('both engines give the same', () => {
  it.each(LAYERS)('layers: $name', ({ layers, shape, whole_below, batch }) => {
    expectSame({ layers, shape, wholeBelow: whole_below, batch });
  });

  it('dropout', () => {
    expectSame({ layers: [{ type: 'dropout', p: 0.3 }], shape: [3, 4, 4] });
    expectSame({ layers: [{ type: 'gru', hidden_size: 3, num_layers: 2, dropout: 0.5 }], shape: [4, 3] });
  });

  const LOSSES: Block[] = [
    { type: 'cross_entropy' },
    { type: 'cross_entropy', label_smoothing: 0.2, weight: [1, 2, 0.5] },
    { type: 'cross_entropy', ignore_index: 1, reduction: 'sum' },
    { type: 'nll', weight: [1, 2, 0.5], ignore_index: 0 },
    { type: 'mse' },
    { type: 'l1', reduction: 'sum' },
    { type: 'smooth_l1', beta: 0.5 },
    { type: 'huber', delta: 0.3 },
    { type: 'bce_with_logits', weight: [1, 2, 3], pos_weight: [3, 1, 0.5] },
    { type: 'kl_div', reduction: 'batchmean' },
  ];
  it.each(LOSSES)('loss: %j', (loss) => {
    expectSame({ layers: [{ type: 'tanh' }], shape: [2, 3, 3], loss });
  });

  const OPTIMIZERS: Block[] = [
    { type: 'sgd', lr: 0.1 },
    { type: 'sgd', lr: 0.1, weight_decay: 0.1, maximize: true },
    { type: 'sgd', lr: 0.1, momentum: 0.9, dampening: 0.1 },
    { type: 'sgd', lr: 0.1, momentum: 0.9 },
    { type: 'sgd', lr: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01 },
    { type: 'adam' },
    { type: 'adam', amsgrad: true, weight_decay: 0.1 },
    { type: 'adamw', betas: [0.8, 0.9], eps: 1e-3 },
    { type: 'nadam', decoupled_weight_decay: true, weight_decay: 0.1 },
    { type: 'rmsprop', momentum: 0.5, centered: true },
    { type: 'rmsprop', weight_decay: 0.1 },
    { type: 'adagrad', lr_decay: 0.1, initial_accumulator_value: 0.5 },
    { type: 'adadelta', weight_decay: 0.1 },
    { type: 'adamax', maximize: true },
  ];
  it.each(OPTIMIZERS)('optimizer: %j', (optimizer) => {
    expectSame({ layers: [], shape: [2, 3, 3], optimizer });
  });

  it.each([
    { clipGradNorm: 0.1, clipGradValue: null },
    { clipGradNorm: 100, clipGradValue: null },
    { clipGradNorm: null, clipGradValue: 0.01 },
  ])('clipping: %j', (clip) => {
    expectSame({ layers: [], shape: [2, 3, 3] }, clip);
  });

  it('for every kind that there is', () => {
    const kinds = (schema: { options: readonly { shape: { type: { value: string } } }[] }) =>
      schema.options.map((option) => option.shape.type.value);
    const all = (blocks: readonly Block[]): unknown[] =>
      blocks.flatMap((block) => [block.type, ...all((block.layers as Block[] | undefined) ?? [])]);
    const layers = new Set([...all(LAYERS.flatMap((c) => c.layers)), 'dropout']);
    expect(kinds(layerSchema).filter((kind) => !layers.has(kind))).toEqual([]);
    expect(new Set(all(LOSSES))).toEqual(new Set(kinds(lossSchema)));
    expect(new Set(all(OPTIMIZERS))).toEqual(new Set(kinds(optimizerSchema)));
  });

  it('and leave no tensors behind', () => {
    const before = tensorflow().memory().numTensors;
    const setup = { layers: [{ type: 'batch_norm2d' }], shape: [2, 3, 3], optimizer: { type: 'adam' } };
    train(setup, 'graph');
    const initial = tensorflow().memory().numTensors;
    expect(initial - before).toBeLessThan(20); // the model's own first values
  });
});
