import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import { createProgram, type Engine } from '../../src/train/engine/index.js';
import type { LoopParts } from '../../src/train/loop.js';
import { createLoss } from '../../src/train/loss/index.js';
import { fading, type LrPoint, type LrRange, lrAt, lrRangeTest } from '../../src/train/lr-range-test.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { createOptimizer } from '../../src/train/optim/index.js';
import { loaderOf, tinyDataset } from '../helpers/data.js';
import { CROSS_ENTROPY } from '../helpers/losses.js';
import { layersOf, optimizerOf } from '../helpers/options.js';
import { classes } from '../helpers/tasks.js';

const RANGE: LrRange = { min: 1e-5, max: 1e5, steps: 101 };

describe('the learning rates of a test', () => {
  it('grow by the same factor at each step, from min to max', () => {
    expect(
      [lrAt(RANGE, 0), lrAt(RANGE, 50), lrAt(RANGE, 100)].map((lr) => Number(lr.toPrecision(12))),
    ).toEqual([1e-5, 1, 1e5]);
    expect(lrAt(RANGE, 11) / lrAt(RANGE, 10)).toBeCloseTo(lrAt(RANGE, 1) / lrAt(RANGE, 0), 10);
  });

  it('are averaged over the same width, however many steps there are', () => {
    expect(fading({ min: 1e-7, max: 10, steps: 200 })).toBeCloseTo(0.904, 3);
    expect(fading({ ...RANGE, steps: 201 }) ** 2).toBeCloseTo(fading(RANGE), 10);
  });
});

describe.each<Engine>(['graph', 'eager'])('a range test, engine %s', (engine) => {
  beforeAll(() => loadTensorFlow());

  function parts(): LoopParts {
    const model = Sequential.build({
      layers: layersOf({ type: 'flatten' }, { type: 'linear', out_features: 4 }),
      input: { kind: 'image', channels: 3, height: 8, width: 8 },
      outputs: 4,
      seed: 0,
    });
    model.initialize();
    const optimizer = createOptimizer(optimizerOf({ type: 'sgd', lr: 123 }), model.parameters);
    const loader = loaderOf(tinyDataset(44), { batchSize: 16 });
    const { program } = createProgram(engine, {
      model,
      optimizer,
      task: classes(4),
      lossFunction: createLoss(CROSS_ENTROPY),
      clip: { clipGradNorm: null, clipGradValue: null },
      sizes: { train: loader.sizes, evaluate: [] },
    });
    const schedule = () => {
      throw new Error('the schedule of the run must not be asked');
    };
    return {
      program,
      optimizer,
      loader,
      schedule,
      accumulate: 1,
      watchEvery: null,
      clipGradNorm: null,
      clipGradValue: null,
    };
  }

  function run(range: LrRange) {
    const test = lrRangeTest(parts(), range);
    const points: LrPoint[] = [];
    let next = test.next();
    for (; !next.done; next = test.next()) points.push(next.value);
    return { points, end: next.value };
  }

  it('goes around epochs, in even steps of log lr, and averages without bias', () => {
    const range = { min: 1e-6, max: 1e-2, steps: 20 };
    const { points, end } = run(range);
    expect(end).toBe('steps');
    expect(points.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    for (const [i, { lr }] of points.entries()) expect(lr / lrAt(range, i)).toBeCloseTo(1, 12);
    expect(points[0]!.smoothedLoss).toBeCloseTo(points[0]!.loss, 12);
    const beta = fading(range);
    const weights = points.slice(0, 3).map((_, i) => beta ** (2 - i));
    const mean = points.slice(0, 3).reduce((sum, { loss }, i) => sum + weights[i]! * loss, 0);
    expect(points[2]!.smoothedLoss).toBeCloseTo(mean / weights.reduce((a, b) => a + b), 10);
  });

  it('stops when the loss diverges, and gives the same every time', () => {
    const first = run(RANGE);
    expect(first.end).toBe('diverged');
    expect(first.points.length).toBeLessThan(RANGE.steps);
    const best = Math.min(...first.points.map(({ smoothedLoss }) => smoothedLoss));
    for (const { smoothedLoss } of first.points.slice(0, -1)) expect(smoothedLoss).toBeLessThan(4 * best + 4);
    for (const { loss } of first.points) expect(loss).toBeTypeOf('number');
    expect(run(RANGE)).toEqual(first);
  });
});
