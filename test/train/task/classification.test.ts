import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { createLoss } from '../../../src/train/loss/index.js';
import { metricsOf, type Sums } from '../../../src/train/task/index.js';
import { CROSS_ENTROPY } from '../../helpers/losses.js';
import { lossOf } from '../../helpers/options.js';
import { classes } from '../../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const TASK = classes(3);
const OUTPUTS = [
  [0.1, 0.7, 0.2],
  [2, -1, 0],
  [0, 0, 1],
  [5, 6, 4],
];
const TARGETS = Int32Array.of(1, 2, 2, 1);

/** All sums of a batch, as an engine puts them together. */
function sumsOf(ignoreIndex = -100): Sums {
  const tf = tensorflow();
  const loss = createLoss({ ...CROSS_ENTROPY, ignoreIndex });
  return tf.tidy(() => {
    const measured = TASK.measure(tf.tensor2d(OUTPUTS), tf.tensor1d(TARGETS, 'int32'), loss);
    expect(Object.keys(measured)).toEqual(TASK.measured);
    const numbers = Object.entries(measured).map(([name, sum]) => [name, sum.dataSync()[0]!]);
    return { ...Object.fromEntries(numbers), ...TASK.count(TARGETS, loss) };
  });
}

describe('classification', () => {
  it('sums up what was said right, and what counts', () => {
    expect(sumsOf()).toEqual({ correct: 3, counted: 4 });
    expect(Object.keys(sumsOf())).toEqual(Object.keys(TASK.sums));
    expect(metricsOf(TASK, sumsOf())).toEqual({ accuracy: 3 / 4 });
  });

  it('leaves out what the loss ignores', () => {
    expect(sumsOf(1)).toEqual({ correct: 1, counted: 2 });
    expect(sumsOf(0)).toEqual({ correct: 3, counted: 4 });
    // A class that there is not.
    expect(sumsOf(3)).toEqual({ correct: 3, counted: 4 });
  });

  it('knows what guessing gives, and nothing of no images', () => {
    expect(TASK.metrics.map(({ name, chance }) => [name, chance])).toEqual([['accuracy', 1 / 3]]);
    expect(metricsOf(TASK, { correct: 0, counted: 0 })).toEqual({ accuracy: Number.NaN });
  });

  it('gives a loss the encoding that it takes', () => {
    const tf = tensorflow();
    tf.tidy(() => {
      const [outputs, targets] = [tf.tensor2d(OUTPUTS), tf.tensor1d(TARGETS, 'int32')];
      const indices = TASK.forLoss(outputs, targets, 'classes');
      expect([indices.targets.dtype, [...indices.targets.dataSync()]]).toEqual(['int32', [...TARGETS]]);
      const values = TASK.forLoss(outputs, targets, 'values');
      expect(values.targets.dtype).toBe('float32');
      expect(values.targets.arraySync()).toEqual([
        [0, 1, 0],
        [0, 0, 1],
        [0, 0, 1],
        [0, 1, 0],
      ]);
    });
  });

  it.each([
    [{ type: 'cross_entropy' }, 4],
    [{ type: 'cross_entropy', weight: [1, 2, 0.5] }, 5],
    [{ type: 'cross_entropy', ignore_index: 2 }, 2],
    [{ type: 'nll', reduction: 'sum', weight: [1, 2, 0.5] }, 4],
    [{ type: 'mse' }, 12],
    [{ type: 'huber', reduction: 'sum' }, 4],
    [{ type: 'kl_div', reduction: 'batchmean' }, 4],
  ])('divides the mean of %j by what counts', (loss, divisor) => {
    expect(TASK.divisor(TARGETS, createLoss(lossOf(loss)))).toBe(divisor);
  });
});

describe('a loss of values', () => {
  it('takes whatever values a task has, not only those of classes', () => {
    const tf = tensorflow();
    tf.tidy(() => {
      const mse = createLoss(lossOf({ type: 'mse' }));
      const outputs = tf.tensor2d([
        [1, 2],
        [0, -3],
      ]);
      const targets = tf.tensor2d([
        [0.5, 2],
        [-1, 1],
      ]);
      expect(mse.takes).toBe('values');
      expect([...mse.rows(outputs, targets).dataSync()]).toEqual([0.25, 17]);
      expect([mse.weight(2), mse.ignoreIndex]).toEqual([2, null]);
    });
  });
});
