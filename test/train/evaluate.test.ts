import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../src/train/backend/tensorflow.js';
import type { Dataset } from '../../src/train/data/dataset.js';
import { createProgram, type Engine } from '../../src/train/engine/index.js';
import { evaluate } from '../../src/train/evaluate.js';
import type { CrossEntropyOptions } from '../../src/train/loss/cross-entropy.js';
import { createLoss, type LossOptions } from '../../src/train/loss/index.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { createOptimizer } from '../../src/train/optim/index.js';
import { createTask, type Task } from '../../src/train/task/index.js';
import { loaderOf, tinyDataset } from '../helpers/data.js';
import { CROSS_ENTROPY } from '../helpers/losses.js';
import { expectWithin } from '../helpers/margin.js';
import { layersOf, lossOf, optimizerOf } from '../helpers/options.js';
import { classes } from '../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const RECORDS = 30;

/** What an untrained model is worth on images of which every class is there, in batches of a size. */
function evaluated(engine: Engine, loss: LossOptions, batchSize: number) {
  const { program, loader, dispose } = untrained(engine, loss, batchSize);
  const evaluation = evaluate(program, loader);
  let next = evaluation.next();
  while (!next.done) next = evaluation.next();
  dispose();
  return next.value;
}

const VALUES = createTask({ kind: 'value', names: ['a', 'b', 'c', 'd'] });

function untrained(engine: Engine, loss: LossOptions, batchSize: number, task: Task = classes(4)) {
  const model = Sequential.build({
    layers: layersOf({ type: 'flatten' }, { type: 'linear', out_features: 4 }),
    input: { kind: 'image', channels: 3, height: 8, width: 8 },
    outputs: 4,
    seed: 1,
  });
  model.initialize();
  const optimizer = createOptimizer(optimizerOf({ type: 'sgd' }), model.parameters);
  const images = tinyDataset(RECORDS);
  const values: Dataset = {
    ...images,
    spec: { ...images.spec, target: { kind: 'value', names: ['a', 'b', 'c', 'd'] } },
    targets: Float32Array.from({ length: RECORDS * 4 }, (_, i) => i % 7),
  };
  const loader = loaderOf(task === VALUES ? values : images, { batchSize });
  const { program } = createProgram(engine, {
    model,
    optimizer,
    task,
    lossFunction: createLoss(loss),
    clip: { clipGradNorm: null, clipGradValue: null },
    sizes: { train: [batchSize], evaluate: loader.sizes },
  });
  const dispose = () => {
    program.dispose();
    optimizer.dispose();
    model.dispose();
  };
  return { program, loader, dispose };
}

const LOSSES: [name: string, options: Partial<CrossEntropyOptions>][] = [
  ['plain', {}],
  ['class weights', { weight: [0.1, 1, 3, 0.5] }],
  ['an ignored class', { ignoreIndex: 2 }],
  ['both, smoothed', { weight: [0.1, 1, 3, 0], ignoreIndex: 0, labelSmoothing: 0.2 }],
  ['a sum', { reduction: 'sum', ignoreIndex: 1 }],
];

describe.each<Engine>(['eager', 'graph'])('evaluation with engine %s', (engine) => {
  it.each(LOSSES)('does not depend on how the images are cut into batches: %s', (_, options) => {
    const loss = { ...CROSS_ENTROPY, ...options };
    const whole = evaluated(engine, loss, RECORDS);
    expect(whole.nonFinite).toBeNull();
    // Of single images some count for nothing at all.
    for (const batchSize of [7, 1]) {
      const cut = evaluated(engine, loss, batchSize);
      expect(cut.nonFinite).toBeNull();
      expect(cut.metrics.accuracy).toBe(whole.metrics.accuracy);
      expect(Object.keys(cut.metrics)).toEqual(Object.keys(whole.metrics));
      expect(Object.keys(cut.metrics)).toContain('log_loss');
      for (const [name, value] of Object.entries(whole.metrics)) {
        expectWithin(Math.abs(cut.metrics[name]! - value), 1e-6, name);
      }
      expect(cut.divisor).toBeCloseTo(whole.divisor, 6);
      expect(Math.abs(cut.loss - whole.loss)).toBeLessThan(1e-6 * whole.loss);
    }
  });

  it('leaves ignored images out of the accuracy', () => {
    const { targets } = tinyDataset(RECORDS);
    const all = evaluated(engine, CROSS_ENTROPY, RECORDS);
    let hits = 0;
    for (let ignoreIndex = 0; ignoreIndex < 4; ignoreIndex++) {
      const { metrics } = evaluated(engine, { ...CROSS_ENTROPY, ignoreIndex }, 8);
      const counted = targets.filter((target) => target !== ignoreIndex).length;
      hits += metrics.accuracy! * counted;
    }
    // Each image is left out once, and counts three times.
    expect(hits).toBeCloseTo(3 * all.metrics.accuracy! * RECORDS, 6);
  });

  it('has no figures where nothing counts, and blames no tensor', () => {
    const { loss, divisor, nonFinite } = evaluated(engine, { ...CROSS_ENTROPY, weight: [0, 0, 0, 0] }, 8);
    expect(loss).toBeNaN();
    expect([divisor, nonFinite]).toEqual([0, null]);
  });
});

describe('the outputs of an evaluation', () => {
  it('give the same figures in both engines', () => {
    const [eager, graph] = (['eager', 'graph'] as const).map((engine) => evaluated(engine, CROSS_ENTROPY, 8));
    expect(Object.keys(graph!.metrics)).toEqual([
      ...['accuracy', 'balanced_accuracy', 'macro_f1', 'log_loss', 'ece'],
    ]);
    for (const [name, value] of Object.entries(eager!.metrics)) {
      expectWithin(Math.abs(graph!.metrics[name]! - value), 1e-6, name);
    }
    // Of a plain cross entropy the loss is the same, divided by the same.
    expectWithin(Math.abs(graph!.metrics.log_loss! - graph!.loss), 1e-6, 'log loss');
  });

  it('leave no tensors behind', () => {
    for (const engine of ['eager', 'graph'] as const) {
      const { program, loader, dispose } = untrained(engine, CROSS_ENTROPY, 8);
      const run = () => [...evaluate(program, loader)];
      run();
      const before = tensorflow().memory().numTensors;
      run();
      expect(tensorflow().memory().numTensors).toBe(before);
      dispose();
    }
  });

  it('are not read where no metric is made of them', () => {
    for (const engine of ['eager', 'graph'] as const) {
      const { program, loader, dispose } = untrained(engine, CROSS_ENTROPY, 8);
      const [batch] = loader.epoch(0);
      expect(program.evaluate(batch!).outputs).toHaveLength(8 * 4);
      dispose();
      const other = untrained(engine, lossOf({ type: 'mse' }), 8, VALUES);
      const [row] = other.loader.epoch(0);
      expect(other.program.scores()).toBeNull();
      expect(other.program.evaluate(row!).outputs).toBeNull();
      other.dispose();
    }
  });
});
