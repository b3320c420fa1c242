import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { RandomStream } from '../../../src/train/random.js';
import { fixture } from '../../helpers/fixtures.js';
import { expectWithin } from '../../helpers/margin.js';
import { classes as classesOf } from '../../helpers/tasks.js';
import { compute, lossOf, rowsOf, valueAndGradient } from './helpers.js';

interface Case {
  name: string;
  type: string;
  options: object;
  outputs: number[][];
  targets: number[];
  /** null: not a number */
  value: number | null;
  gradient: number[][];
}

const { cases } = fixture<{ cases: Case[] }>('losses.json');

beforeAll(() => loadTensorFlow());

describe('losses and their gradients are those of torch.nn', () => {
  it.each(cases)('$name', ({ type, options, outputs, targets, value, gradient }) => {
    const actual = valueAndGradient(lossOf(type, options), outputs, targets);
    if (value === null) {
      expect(actual.value).toBeNaN();
      return; // The run ends here, with no step made from the gradient.
    }
    expectWithin(Math.abs(actual.value - value), 2e-6 * Math.abs(value), 'value');
    for (const [i, row] of gradient.entries()) {
      for (const [j, expected] of row.entries()) {
        const distance = Math.abs(actual.gradient[i]![j]! - expected);
        expectWithin(distance, 1e-5 * Math.abs(expected) + 1e-8, `gradient ${i}, ${j}`);
      }
    }
  });
});

describe('the figures of several batches are those of one', () => {
  it.each(cases.filter(({ targets }) => targets.length > 1))(
    '$name',
    ({ type, options, outputs, targets }) => {
      const tf = tensorflow();
      tf.tidy(() => {
        const loss = lossOf(type, options);
        const task = classesOf(outputs[0]!.length);
        const rows = rowsOf(loss, tf.tensor2d(outputs), targets).dataSync();
        expect(rows).toHaveLength(targets.length);
        let total = 0;
        let divisor = 0;
        for (const [i, target] of targets.entries()) {
          const alone = [outputs[i]!];
          const row = rowsOf(loss, tf.tensor2d(alone), [target]).dataSync()[0]!;
          expectWithin(Math.abs(row - rows[i]!), 1e-6 * Math.abs(row), `image ${i}`);
          total += row;
          divisor += task.divisor(Int32Array.of(target), loss);
        }
        const whole = compute(loss, tf.tensor2d(outputs), targets).dataSync()[0]!;
        const summed = loss.reduction === 'sum' ? total : total / divisor;
        if (Number.isNaN(whole)) expect(summed).toBeNaN();
        else expectWithin(Math.abs(summed - whole), 2e-6 * Math.abs(whole), 'the sum');
      });
    },
  );
});

/** One row for each loss and for each option that changes its formula. */
const FORMULAS: [type: string, options: object][] = [
  ['cross_entropy', {}],
  ['cross_entropy', { label_smoothing: 0.2 }],
  ['cross_entropy', { ignore_index: 1 }],
  ['nll', {}],
  ['nll', { ignore_index: 1 }],
  ['mse', {}],
  ['l1', {}],
  ['smooth_l1', {}],
  ['smooth_l1', { beta: 0.3 }],
  ['huber', {}],
  ['huber', { delta: 0.3 }],
  ['bce_with_logits', {}],
  ['kl_div', {}],
  ['kl_div', { reduction: 'batchmean' }],
];
const SHAPES = [
  { batch: 1, classes: 2 },
  { batch: 1, classes: 10 },
  { batch: 2, classes: 2 },
  { batch: 7, classes: 10 },
];
const stream = new RandomStream(0, 'init', 'losses');

/**
 * Outputs, no nearer to a kink of any loss than central differences reach, and targets. The first target is 0, so that
 * one image always counts where 1 is ignored.
 */
function random({ batch, classes }: (typeof SHAPES)[number]) {
  const outputs = Array.from({ length: batch }, () =>
    Array.from({ length: classes }, () => stream.integer(40) / 10 - 1.95),
  );
  return { outputs, targets: outputs.map((_, i) => (i === 0 ? 0 : stream.integer(classes))) };
}

describe.each(FORMULAS)('%s %j', (type, options) => {
  it.each(SHAPES)('has the gradient of central differences at $batch x $classes', (shape) => {
    const { outputs, targets } = random(shape);
    const loss = lossOf(type, { ...options, reduction: 'sum' });
    const { gradient } = valueAndGradient(loss, outputs, targets);
    const h = 0.01;
    const at = (i: number, j: number, delta: number) => {
      const moved = outputs.map((row) => [...row]);
      moved[i]![j]! += delta;
      return valueAndGradient(loss, moved, targets).value;
    };
    for (const [i, row] of gradient.entries()) {
      for (const [j, actual] of row.entries()) {
        const difference = (at(i, j, h) - at(i, j, -h)) / (2 * h);
        expectWithin(Math.abs(actual - difference), 4e-3, `gradient ${i}, ${j}`);
      }
    }
  });

  it('has a sum that is the mean times what it is over, gradients too', () => {
    const { outputs, targets } = random({ batch: 5, classes: 4 });
    const mean = valueAndGradient(lossOf(type, options), outputs, targets);
    const sum = valueAndGradient(lossOf(type, { ...options, reduction: 'sum' }), outputs, targets);
    const counted = 'ignore_index' in options ? targets.filter((target) => target !== 1).length : 5;
    const perImage = ['cross_entropy', 'nll'].includes(type) || 'reduction' in options;
    const count = counted * (perImage ? 1 : 4);
    expectWithin(Math.abs(sum.value / (mean.value * count) - 1), 5e-6, 'value');
    for (const [i, row] of sum.gradient.entries()) {
      for (const [j, value] of row.entries()) {
        expectWithin(Math.abs(value - mean.gradient[i]![j]! * count), 5e-6, `gradient ${i}, ${j}`);
      }
    }
  });

  it('says how batches add up', () => {
    expect(lossOf(type, options).reduction).toBe('mean');
    expect(lossOf(type, { ...options, reduction: 'sum' }).reduction).toBe('sum');
  });

  it('keeps no tensors', () => {
    const { outputs, targets } = random({ batch: 3, classes: 4 });
    const loss = lossOf(type, options);
    valueAndGradient(loss, outputs, targets);
    const before = tensorflow().memory().numTensors;
    for (let i = 0; i < 5; i++) valueAndGradient(loss, outputs, targets);
    expect(tensorflow().memory().numTensors).toBe(before);
  });
});

describe('equal losses', () => {
  const { outputs, targets } = random({ batch: 6, classes: 3 });
  const logProbs = outputs.map((row) => {
    const sum = row.reduce((total, x) => total + Math.exp(x), 0);
    return row.map((x) => x - Math.log(sum));
  });

  it.each([
    ['weights of 1 are no weights', ['cross_entropy', { weight: [1, 1, 1] }], ['cross_entropy', {}]],
    [
      'a class that there is not ignores nothing',
      ['cross_entropy', { ignore_index: 3 }],
      ['cross_entropy', {}],
    ],
    ['nll of log-probabilities is cross entropy', ['nll', {}, logProbs], ['cross_entropy', {}]],
    ['kl_div over images is nll', ['kl_div', { reduction: 'batchmean' }, logProbs], ['nll', {}, logProbs]],
    ['smooth_l1 of beta 0 is l1', ['smooth_l1', { beta: 0 }], ['l1', {}]],
    ['huber of delta 1 is smooth_l1 of beta 1', ['huber', {}], ['smooth_l1', {}]],
    [
      'equal weights of classes divide out of the mean',
      ['cross_entropy', { weight: [4, 4, 4], label_smoothing: 0.1 }],
      ['cross_entropy', { label_smoothing: 0.1 }],
    ],
  ] as [string, ...[type: string, options: object, outputs?: number[][]][]][])('%s', (_, ...both) => {
    const [one, other] = both.map(
      ([type, options, own = outputs]) => valueAndGradient(lossOf(type, options), own, targets).value,
    );
    expectWithin(Math.abs(one! / other! - 1), 5e-7, 'value');
  });

  it('cross entropy is log(classes) for logits that say nothing', () => {
    const { value } = valueAndGradient(lossOf('cross_entropy'), [Array<number>(10).fill(0)], [3]);
    expectWithin(Math.abs(value - Math.log(10)), 5e-7, 'value');
  });

  it('nll counts the target alone: another class may be impossible', () => {
    const { value, gradient } = valueAndGradient(lossOf('nll'), [[-0.5, Number.NEGATIVE_INFINITY]], [0]);
    expect(value).toBe(0.5);
    expect(gradient[0]!.map((x) => x + 0)).toEqual([-1, 0]);
  });

  it('bce_with_logits keeps the small gradients of what is right already', () => {
    const { gradient } = valueAndGradient(lossOf('bce_with_logits', { reduction: 'sum' }), [[20, -20]], [0]);
    for (const [j, sign] of [-1, 1].entries())
      expect(gradient[0]![j]! / (sign * Math.exp(-20))).toBeCloseTo(1, 3);
  });
});
