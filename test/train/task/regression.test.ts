import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { fromArrays } from '../../../src/train/data/sources/custom/from-arrays.js';
import { createProgram, type Engine } from '../../../src/train/engine/index.js';
import { evaluate } from '../../../src/train/evaluate.js';
import { createLoss } from '../../../src/train/loss/index.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import { createOptimizer } from '../../../src/train/optim/index.js';
import {
  createTask,
  metricsOf,
  type Sums,
  type ValueDetail,
  type ValueTarget,
} from '../../../src/train/task/index.js';
import { expectClose } from '../../helpers/close.js';
import { loaderOf } from '../../helpers/data.js';
import { fixture } from '../../helpers/fixtures.js';
import { numbers } from '../../helpers/numbers.js';
import { layersOf, lossOf, optimizerOf } from '../../helpers/options.js';

beforeAll(() => loadTensorFlow());

interface Case {
  readonly name: string;
  readonly targets: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  readonly rmse: number;
  readonly mae: number;
  /** null: of a single sample scikit-learn says nothing. */
  readonly r2: number | null;
}

const { cases } = fixture<{ cases: readonly Case[] }>('regression.json');
const FIGURES = ['rmse', 'mae', 'r2'] as const;

/** The columns' means and population deviations, as a training part would have given them. */
function scalingOf(targets: Case['targets']): { mean: number[]; std: number[] } {
  const columns = targets[0]!.map((_, k) => targets.map((row) => row[k]!));
  const mean = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length);
  const std = columns.map((column, k) => {
    const variance = column.reduce((sum, value) => sum + (value - mean[k]!) ** 2, 0) / column.length;
    return Math.sqrt(variance) || 1;
  });
  return { mean, std };
}

/** The figures of a case whose samples come in batches of these sizes, the last one again and again. */
function figuresOf({ targets, outputs }: Case, target: Partial<ValueTarget>, sizes: readonly number[]) {
  const names = targets[0]!.map((_, k) => `${k}`);
  const task = createTask({ kind: 'value', names, ...target });
  const loss = createLoss(lossOf({ type: 'mse' }));
  const { mean, std } = target;
  const seen = (row: readonly number[]) =>
    row.map((value, k) => (std ? (value - mean![k]!) / std[k]! : value));
  const total: Record<string, number> = {};
  for (let first = 0, batch = 0; first < targets.length; batch++) {
    const size = sizes[Math.min(batch, sizes.length - 1)]!;
    const [own, said] = [targets, outputs].map((rows) =>
      Float32Array.from(rows.slice(first, first + size).flatMap(seen)),
    );
    const sums: Sums = tensorflow().tidy(() => {
      const tensors = [said!, own!].map((values) =>
        tensorflow().tensor2d(values, [values.length / names.length, names.length]),
      );
      const measured = Object.entries(task.measure(tensors[0]!, tensors[1]!, loss));
      expect(measured.map(([name]) => name)).toEqual(task.measured);
      return {
        ...Object.fromEntries(measured.map(([name, sum]) => [name, sum.dataSync()[0]!])),
        ...task.count(own!, loss),
      };
    });
    expect(Object.keys(sums).sort()).toEqual(Object.keys(task.sums).sort());
    for (const [name, sum] of Object.entries(sums)) total[name] = (total[name] ?? 0) + sum;
    first += size;
  }
  return metricsOf(task, total);
}

describe.each(cases)('$name', (recorded) => {
  const expected = FIGURES.map((name) => recorded[name] ?? 0);
  const check = (figures: Readonly<Record<string, number>>, tolerance: number) => {
    expect(Object.keys(figures)).toEqual(FIGURES);
    for (const [i, name] of FIGURES.entries()) {
      expectClose([figures[name]!], [expected[i]!], tolerance, name);
    }
  };

  it.each([[[1000]], [[1]], [[5, 11, 2]]])('is as scikit-learn says, in batches of %j', (sizes) => {
    check(figuresOf(recorded, { mean: scalingOf(recorded.targets).mean }, sizes), 2e-6);
  });

  it('is nearly so where no training mean is known', () => {
    // Squares of 1e6 leave r2 less of float64's digits.
    check(figuresOf(recorded, {}, [7]), 2e-5);
  });

  it('is in units of the values where batches are standardised', () => {
    const isConstant = recorded.name.includes('constant');
    // What is told exactly is constant exactly, and so are its residuals.
    check(figuresOf(recorded, scalingOf(recorded.targets), [7]), isConstant ? 2e-5 : 2e-6);
  });
});

describe('the figures of each value', () => {
  it.each(cases.filter(({ name }) => name !== 'a single sample'))(
    '$name: their means are those of all',
    (recorded) => {
      const { targets, outputs } = recorded;
      const names = targets[0]!.map((_, k) => `${k}`);
      const task = createTask({ kind: 'value', names, mean: scalingOf(targets).mean });
      const scores = task.scores(createLoss(lossOf({ type: 'mse' })));
      for (let first = 0; first < targets.length; first += 7) {
        const rows = (of: Case['targets']) => Float32Array.from(of.slice(first, first + 7).flat());
        scores.add(rows(outputs), rows(targets));
      }
      const detail = scores.detail() as ValueDetail;
      expect(detail.values.map(({ name }) => name)).toEqual(names);
      for (const figure of FIGURES) {
        const mean = detail.values.reduce((sum, { metrics }) => sum + metrics[figure]! / names.length, 0);
        expectClose([mean], [recorded[figure]!], 2e-6, figure);
      }
      expect(scores.metrics()).toEqual({});
    },
  );
});

describe('a regression', () => {
  const task = createTask({ kind: 'value', names: ['a', 'b'] });

  it('is judged by its error first, and cannot be guessed', () => {
    expect(task.metrics.map(({ name, better, chance }) => [name, better, chance])).toEqual([
      ['rmse', 'smaller', null],
      ['mae', 'smaller', null],
      ['r2', 'larger', 0],
    ]);
    expect([task.outputs, task.targets]).toEqual([2, { dtype: 'float32', shape: [2] }]);
  });

  it.each([
    ['mean', 6],
    ['sum', 3],
  ])('divides the loss by all numbers of a batch: reduction %s', (reduction, divisor) => {
    const loss = createLoss(lossOf({ type: 'huber', reduction }));
    expect(task.divisor(new Float32Array(6), loss)).toBe(divisor);
  });

  it('knows nothing of no samples', () => {
    const none = Object.fromEntries(Object.keys(task.sums).map((name) => [name, 0]));
    expect(metricsOf(task, none)).toEqual({ rmse: Number.NaN, mae: Number.NaN, r2: Number.NaN });
  });
});

describe.each<Engine>(['eager', 'graph'])('in engine %s', (engine) => {
  const ROWS = 41;
  const inputs = numbers('inputs', ROWS * 3);
  const at = (row: number, i: number) => inputs[row * 3 + i]!;
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  const targets = Float32Array.from(rows.flatMap((row) => [1000 + 2 * at(row, 0), at(row, 1) - at(row, 2)]));

  it('learns from a table of features, and says the same however it is cut', async () => {
    const source = fromArrays({
      ...{ name: 'table', shape: [3], values: ['a', 'b'] },
      ...{ train: { inputs, targets }, eval: { inputs, targets } },
    });
    const { train: dataset } = await source.load();
    const task = createTask(source.spec.target);
    const model = Sequential.build({
      layers: layersOf({ type: 'linear', out_features: 2 }),
      ...{ input: source.spec.input, outputs: task.outputs, seed: 0 },
    });
    model.initialize();
    const optimizer = createOptimizer(optimizerOf({ type: 'sgd', lr: 0.5 }), model.parameters);
    const lossFunction = createLoss(lossOf({ type: 'mse' }));
    const clip = { clipGradNorm: null, clipGradValue: null };
    const loaders = [16, 41, 7].map((batchSize) => loaderOf(dataset, { batchSize, shuffle: true }));
    const sizes = { train: loaders[0]!.sizes, evaluate: loaders.flatMap((loader) => loader.sizes) };
    const parts = { model, task, optimizer, lossFunction, clip, sizes };
    const { program, fallback } = createProgram(engine, parts);
    expect(fallback).toBeNull();
    const figures = () =>
      loaders.map((loader) => {
        const evaluation = evaluate(program, loader);
        let step = evaluation.next();
        while (!step.done) step = evaluation.next();
        return step.value;
      });

    const first = figures();
    expect(first.map(({ divisor }) => divisor)).toEqual([2 * ROWS, 2 * ROWS, 2 * ROWS]);
    for (const { loss, metrics } of first) {
      expectClose(
        [loss, metrics.rmse!, metrics.mae!],
        [first[0]!.loss, first[0]!.metrics.rmse!, first[0]!.metrics.mae!],
        1e-6,
      );
    }
    expect(first[0]!.metrics.r2).toBeLessThan(-1000);
    for (let epoch = 0; epoch < 150; epoch++) {
      for (const batch of loaders[0]!.epoch(epoch)) {
        optimizer.zeroGrad();
        program.loss(batch).backward();
        optimizer.step();
      }
    }
    for (const { metrics } of figures()) {
      expect(metrics.rmse).toBeLessThan(0.01);
      expect(metrics.r2).toBeGreaterThan(0.999);
    }
    program.dispose();
    optimizer.dispose();
    model.dispose();
  });
});
