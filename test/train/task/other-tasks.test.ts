import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import type { Batch } from '../../../src/train/data/loader.js';
import { createProgram, type Engine } from '../../../src/train/engine/index.js';
import { createLoss, type Targets } from '../../../src/train/loss/index.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import { createOptimizer } from '../../../src/train/optim/index.js';
import { metricsOf, type Readings, type Scores, type Task } from '../../../src/train/task/index.js';
import { expectClose } from '../../helpers/close.js';
import { numbers } from '../../helpers/numbers.js';
import { type Block, layersOf, lossOf, optimizerOf } from '../../helpers/options.js';

beforeAll(() => loadTensorFlow());

const SIZE = 16;
const WIDTH = 6;

/** Nothing is made of outputs but sums. */
const NO_SCORES: Pick<Task, 'further' | 'scores' | 'readings'> = {
  further: () => [],
  scores: (): Scores => {
    throw new Error('nobody asks for them');
  },
  readings: (): Readings => {
    throw new Error('nobody asks for them');
  },
};

/** Two real values for each sample. */
const VALUES: Task = {
  ...NO_SCORES,
  targets: { dtype: 'float32', shape: [2] },
  outputs: 2,
  sums: { squares: 'real', values: 'count' },
  measured: ['squares'],
  metrics: [
    {
      ...{ name: 'rmse', label: 'rmse', better: 'smaller', display: 'value', chance: null },
      of: ({ squares, values }) => Math.sqrt(squares! / values!),
    },
  ],
  forLoss: (outputs, targets) => ({ outputs, targets }),
  divisor: (targets, loss) => (targets.length / 2) * loss.weight(2),
  measure: (outputs, targets) => ({
    squares: tensorflow().sum(tensorflow().squaredDifference(outputs, targets)),
  }),
  count: (targets) => ({ values: targets.length }),
};

/** The next token, one of three, at each of two places. */
const TOKENS: Task = {
  ...NO_SCORES,
  targets: { dtype: 'int32', shape: [2] },
  outputs: WIDTH,
  sums: { right: 'count', tokens: 'count' },
  measured: ['right'],
  metrics: [
    {
      ...{ name: 'right', label: 'right', better: 'larger', display: 'share', chance: 1 / 3 },
      of: ({ right, tokens }) => right! / tokens!,
    },
  ],
  forLoss: (outputs, targets) => ({
    outputs: tensorflow().reshape(outputs, [-1, 3]),
    targets: tensorflow().reshape(targets, [-1]),
  }),
  divisor: (targets, loss) => [...targets].reduce((sum, target) => sum + loss.weight(target), 0),
  measure(outputs, targets) {
    const tf = tensorflow();
    const said = tf.argMax(tf.reshape(outputs, [-1, 2, 3]), 2);
    return { right: tf.sum(tf.cast(tf.equal(said, targets), 'float32')) };
  },
  count: (targets) => ({ tokens: targets.length }),
};

/** Targets that a linear model can learn: of places, the greatest of three inputs each. */
const INPUTS = numbers('inputs', SIZE * WIDTH);
const at = (sample: number, i: number) => INPUTS[sample * WIDTH + i]!;
const samples = Array.from({ length: SIZE }, (_, i) => i);
const REAL = Float32Array.from(samples.flatMap((i) => [2 * at(i, 0) - 0.5, at(i, 1) + at(i, 4)]));
const NEXT = Int32Array.from(
  samples.flatMap((i) =>
    [0, 3].map((first) => {
      const three = [0, 1, 2].map((k) => at(i, first + k));
      return three.indexOf(Math.max(...three));
    }),
  ),
);

function train(engine: Engine, task: Task, targets: Targets, loss: Block) {
  const model = Sequential.build({
    layers: layersOf({ type: 'flatten' }, { type: 'linear', out_features: task.outputs }),
    input: { kind: 'image', channels: 1, height: 1, width: WIDTH },
    outputs: task.outputs,
    seed: 0,
  });
  model.initialize();
  const optimizer = createOptimizer(optimizerOf({ type: 'adam', lr: 0.1 }), model.parameters);
  const clip = { clipGradNorm: null, clipGradValue: null };
  const sizes = { train: [SIZE], evaluate: [SIZE] };
  const lossFunction = createLoss(lossOf(loss));
  const { program, fallback } = createProgram(engine, { model, task, optimizer, lossFunction, clip, sizes });
  expect(fallback).toBeNull();
  const batch: Batch = {
    ...{ epoch: 0, index: 0, size: SIZE, shape: [1, WIDTH, 1] },
    ...{ inputs: Float32Array.from(INPUTS), targets },
  };
  const first = program.evaluate(batch);
  for (let step = 0; step < 200; step++) {
    optimizer.zeroGrad();
    program.loss(batch).backward();
    optimizer.step();
  }
  const last = program.evaluate(batch);
  const figures = [first, last].map(({ loss: value, sums }) => ({ loss: value, ...metricsOf(task, sums) }));
  const { divisor } = last;
  program.dispose();
  return { figures: figures as Record<string, number>[], divisor };
}

describe.each<Engine>(['eager', 'graph'])('engine %s knows no more of a task than what it says', (engine) => {
  it.each([{ type: 'mse' }, { type: 'huber' }, { type: 'l1' }])('real values, $type', (loss) => {
    const { figures, divisor } = train(engine, VALUES, REAL, loss);
    const [first, last] = figures;
    expect(divisor).toBe(2 * SIZE);
    if (loss.type === 'mse') expectClose([first!.rmse! ** 2], [first!.loss!], 1e-6);
    expect(first!.rmse).toBeGreaterThan(0.5);
    expect(last!.rmse).toBeLessThan(0.05);
  });

  it('tokens at several places', () => {
    const { figures, divisor } = train(engine, TOKENS, NEXT, { type: 'cross_entropy' });
    const [first, last] = figures;
    expect(divisor).toBe(2 * SIZE);
    expect(first!.right).toBeLessThan(0.7);
    expect(last!.right).toBe(1);
    expect(last!.loss).toBeLessThan(first!.loss! / 3);
  });
});
