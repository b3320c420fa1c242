import { beforeAll, describe, expect, it } from 'vitest';
import { runOp } from '../../../../src/train/backend/ops.js';
import { loadTensorFlow, type Tensor, tensorflow } from '../../../../src/train/backend/tensorflow.js';
import { expectClose } from '../../../helpers/close.js';
import { numbers } from '../../../helpers/numbers.js';
import { expectSameBytes } from '../../../helpers/same-bytes.js';

beforeAll(() => loadTensorFlow());

/** [batch, height, width, inputs, outputs] */
type Size = readonly [number, number, number, number, number];

/** y and the gradients of sum(y * dy), term by term, in float64. */
function defined([batch, height, width, ins, outs]: Size) {
  const cells = batch * height * width;
  const [x, filter, dy] = [
    numbers('x', cells * ins),
    numbers('filter', 9 * ins * outs),
    numbers('dy', cells * outs),
  ];
  const [y, dx, dFilter] = [dy, x, filter].map(({ length }) => new Float64Array(length)) as Float64Array[];
  for (let cell = 0; cell < cells; cell++) {
    const [row, column] = [Math.floor(cell / width) % height, cell % width];
    for (let place = 0; place < 9; place++) {
      const [down, right] = [Math.floor(place / 3) - 1, (place % 3) - 1];
      if (row + down < 0 || row + down >= height || column + right < 0 || column + right >= width) continue;
      const from = (cell + down * width + right) * ins;
      for (let i = 0; i < ins; i++) {
        for (let o = 0; o < outs; o++) {
          const [at, to] = [(place * ins + i) * outs + o, cell * outs + o];
          y![to]! += x[from + i]! * filter[at]!;
          dx![from + i]! += dy[to]! * filter[at]!;
          dFilter![at]! += dy[to]! * x[from + i]!;
        }
      }
    }
  }
  const images = [batch, height, width];
  const given = {
    x: [x, [...images, ins]],
    filter: [filter, [3, 3, ins, outs]],
    dy: [dy, [...images, outs]],
  } as const;
  return { given, y: y!, dx: dx!, dFilter: dFilter! };
}

describe("convolution by Winograd's algorithm is what convolution is defined as", () => {
  // Odd lengths, a single cell, channels that fill no register, several blocks of tiles and slices of channels.
  it.each<Size>([
    [1, 1, 1, 1, 1],
    [2, 5, 7, 3, 5],
    [3, 4, 4, 70, 37],
    [2, 9, 6, 130, 65],
    [1, 2, 3, 300, 140],
    [9, 12, 13, 17, 32],
    [40, 8, 8, 33, 16],
  ])('%i images of %ix%i, from %i channels to %i', (...size) => {
    const tf = tensorflow();
    const { given, y, dx, dFilter } = defined(size);
    tf.tidy(() => {
      const [x, filter, dy] = [given.x, given.filter, given.dy].map(([values, shape]) =>
        tf.tensor(values, [...shape]),
      ) as [Tensor, Tensor, Tensor];
      const values = (op: string, ...inputs: Tensor[]) => runOp(op, {}, inputs)[0].dataSync() as Float32Array;
      expectClose(values('LossnetConv3x3', x, filter), y, 2e-6, 'y');
      expectClose(values('LossnetConv3x3InputGrad', dy, filter), dx, 2e-6, 'dx');
      expectClose(values('LossnetConv3x3FilterGrad', x, dy), dFilter, 2e-6, 'dfilter');
    });
  });

  it('with a bias and a rectifier, to the last bit', () => {
    const tf = tensorflow();
    const { given } = defined([3, 5, 6, 20, 40]);
    tf.tidy(() => {
      const [x, filter] = [given.x, given.filter].map(([values, shape]) => tf.tensor(values, [...shape])) as [
        Tensor,
        Tensor,
      ];
      const bias = tf.tensor1d(numbers('bias', 40));
      const alone = runOp('LossnetConv3x3', {}, [x, filter])[0];
      const joined = runOp('LossnetConv3x3', { N: { int: 1 }, relu: { bool: true } }, [x, filter, bias])[0];
      expect([...joined.dataSync()]).toEqual([...tf.relu(tf.add(alone, bias)).dataSync()]);
      expect(joined.dataSync()).toContain(0);
    });
  });
});

it('passes on what is not a number, in its image alone', () => {
  const tf = tensorflow();
  const { given } = defined([2, 6, 6, 8, 8]);
  const x = given.x[0].slice();
  x[5] = Number.NaN;
  const y = tf.tidy(() =>
    runOp('LossnetConv3x3', {}, [
      tf.tensor(x, [2, 6, 6, 8]),
      tf.tensor(given.filter[0], [3, 3, 8, 8]),
    ])[0].dataSync(),
  );
  expect(Number.isNaN(y[0])).toBe(true);
  expect([...y.slice(y.length / 2)].some(Number.isNaN)).toBe(false);
});

it('refuses what does not fit together', () => {
  const tf = tensorflow();
  const run = (op: string, x: number[], other: number[]) => () =>
    runOp(op, {}, [tf.zeros(x), tf.zeros(other)]);
  expect(run('LossnetConv3x3', [1, 4, 4, 3], [3, 3, 4, 5])).toThrow(
    'the images have 3 channels, the filter 4',
  );
  expect(run('LossnetConv3x3InputGrad', [1, 4, 4, 3], [3, 3, 3, 5])).toThrow(
    'the images have 3 channels, the filter 5',
  );
  expect(run('LossnetConv3x3', [4, 4, 3], [3, 3, 3, 5])).toThrow(
    'the images have to be [batch, height, width, channels]',
  );
  expect(run('LossnetConv3x3', [1, 4, 4, 3], [5, 5, 3, 5])).toThrow('the filter has to be [3, 3, in, out]');
  expect(run('LossnetConv3x3FilterGrad', [1, 4, 4, 3], [1, 4, 5, 3])).toThrow('alike but for the channels');
  expect(run('LossnetConv3x3FilterGrad', [0, 4, 4, 3], [0, 4, 4, 3])).toThrow('x and dy have no numbers');
});

it('gives the same bytes on any number of threads', async () => {
  await expectSameBytes(
    { runOp: 'backend/ops.js' },
    `const [x, filter, dy] = [numbers([37, 8, 8, 64], 0.37), numbers([3, 3, 64, 96], 0.7), numbers([37, 8, 8, 96], 0.11)];
    const run = (op, ...inputs) => add(runOp(op, {}, inputs)[0]);
    run('LossnetConv3x3', x, filter);
    run('LossnetConv3x3InputGrad', dy, filter);
    run('LossnetConv3x3FilterGrad', x, dy);`,
  );
});
