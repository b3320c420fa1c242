import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import { createProgram, type Engine } from '../../../../src/train/engine/index.js';
import type { Loss } from '../../../../src/train/engine/loss.js';
import { createLoss } from '../../../../src/train/loss/index.js';
import { Sequential } from '../../../../src/train/model/sequential.js';
import { stateDict } from '../../../../src/train/model/weights.js';
import { createOptimizer } from '../../../../src/train/optim/index.js';
import type { Optimizer } from '../../../../src/train/optim/optimizer.js';
import { loaderOf, tinyDataset } from '../../../helpers/data.js';
import { CROSS_ENTROPY } from '../../../helpers/losses.js';
import { layersOf, optimizerOf } from '../../../helpers/options.js';
import { classes } from '../../../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const CLIP = { clipGradNorm: null, clipGradValue: null };

/** What a step goes through, in the orders that a graph runs differently. */
const ORDERS: Record<string, (loss: Loss, optimizer: Optimizer) => void> = {
  'step, all at once': (loss, optimizer) => {
    loss.backward();
    optimizer.step();
  },
  'backward alone': (loss) => {
    loss.backward();
    loss.item();
  },
  'step after the loss was read': (loss, optimizer) => {
    loss.item();
    loss.backward();
    optimizer.step();
  },
};

/** Makes one step with weights so large that the loss is not finite, and says what it left behind. */
function stateAfter(engine: Engine, order: string) {
  const model = Sequential.build({
    layers: layersOf(
      { type: 'batch_norm2d' },
      { type: 'flatten' },
      { type: 'linear', out_features: 32 },
      { type: 'linear', out_features: 4 },
    ),
    input: { kind: 'image', channels: 3, height: 8, width: 8 },
    outputs: 4,
    seed: 0,
  });
  model.initialize();
  for (const parameter of model.parameters)
    if (parameter.name.endsWith('weight')) parameter.load(new Float32Array(parameter.size).fill(1e30));
  const optimizer = createOptimizer(optimizerOf({ type: 'adam' }), model.parameters);
  const parts = { model, optimizer, task: classes(4), lossFunction: createLoss(CROSS_ENTROPY), clip: CLIP };
  const { program, fallback } = createProgram(engine, { ...parts, sizes: { train: [16], evaluate: [] } });
  expect(fallback).toBeNull();
  const batch = loaderOf(tinyDataset(16), { batchSize: 16 }).epoch(0).next().value!;
  optimizer.zeroGrad();
  const loss = program.loss(batch);
  ORDERS[order]!(loss, optimizer);
  expect(loss.item()).not.toSatisfy(Number.isFinite);
  const state = Object.fromEntries([...stateDict(model.state)].map(([name, { values }]) => [name, values]));
  expect(model.parameters.map((parameter) => parameter.grad)).toEqual(model.parameters.map(() => null));
  expect(optimizer.stateDict().size).toBe(0);
  program.dispose();
  return state;
}

describe('a loss that is not finite', () => {
  it.each(Object.keys(ORDERS))('moves running statistics once, in both engines: %s', (order) => {
    const graph = stateAfter('graph', order);
    expect([...graph['0.num_batches_tracked']!]).toEqual([1]);
    expect(graph['0.running_mean']!.every((value) => value !== 0 && Number.isFinite(value))).toBe(true);
    expect(graph).toEqual(stateAfter('eager', order));
  });
});
