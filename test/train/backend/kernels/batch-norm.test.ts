import { beforeAll, describe, expect, it } from 'vitest';
import { batchNorm } from '../../../../src/train/backend/kernels/batch-norm.js';
import { runOp } from '../../../../src/train/backend/ops.js';
import { loadTensorFlow, type Tensor, tensorflow } from '../../../../src/train/backend/tensorflow.js';
import { expectClose } from '../../../helpers/close.js';
import { numbers } from '../../../helpers/numbers.js';
import { expectSameBytes } from '../../../helpers/same-bytes.js';

beforeAll(() => loadTensorFlow());

const EPS = 1e-5;

interface Numbers {
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly scale: Float32Array;
  readonly offset: Float32Array;
}

function numbersFor(rows: number, channels: number): Numbers {
  return {
    x: numbers('x', rows * channels),
    dy: numbers('dy', rows * channels),
    scale: numbers('scale', channels),
    offset: numbers('offset', channels),
  };
}

/** The definition, in float64. */
function defined({ x, dy, scale, offset }: Numbers) {
  const channels = scale.length;
  const rows = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  for (const [i, value] of x.entries()) mean[i % channels]! += value / rows;
  for (const [i, value] of x.entries()) variance[i % channels]! += (value - mean[i % channels]!) ** 2 / rows;
  const inverse = variance.map((each) => 1 / Math.sqrt(each + EPS));
  const z = Float64Array.from(x, (value, i) => (value - mean[i % channels]!) * inverse[i % channels]!);
  const [dScale, dOffset] = [new Float64Array(channels), new Float64Array(channels)];
  for (const [i, value] of dy.entries()) {
    dOffset[i % channels]! += value;
    dScale[i % channels]! += value * z[i]!;
  }
  const y = z.map((value, i) => value * scale[i % channels]! + offset[i % channels]!);
  const dx = z.map((value, i) => {
    const c = i % channels;
    return scale[c]! * inverse[c]! * (dy[i]! - dOffset[c]! / rows - (value * dScale[c]!) / rows);
  });
  return { mean, unbiased: variance.map((each) => (each * rows) / (rows - 1)), y, dx, dScale, dOffset };
}

function computed({ x, dy, scale, offset }: Numbers) {
  const tf = tensorflow();
  const shape = [x.length / scale.length, 1, 1, scale.length];
  const inputs = [tf.tensor(x, shape), tf.tensor1d(scale), tf.tensor1d(offset)];
  const forward = (...given: Tensor[]) => batchNorm(given[0]!, given[1]!, given[2]!, EPS);
  const { y, mean, unbiasedVariance } = forward(...inputs);
  const [dx, dScale, dOffset] = tf.grads((...given: Tensor[]) => forward(...given).y)(
    inputs,
    tf.tensor(dy, shape),
  );
  const all = { mean, unbiased: unbiasedVariance, y, dx: dx!, dScale: dScale!, dOffset: dOffset! };
  return Object.fromEntries(Object.entries(all).map(([name, tensor]) => [name, tensor.dataSync()]));
}

function expectDefined(given: Numbers, tolerance: number) {
  const found = tensorflow().tidy(() => computed(given));
  for (const [name, values] of Object.entries(defined(given))) {
    expectClose(found[name]! as Float32Array, values, tolerance, name);
  }
}

describe('batch normalisation is what it is defined as', () => {
  // Rows that are joined and those that are not, channels in several tiles, pieces that end anywhere.
  it.each([
    [2, 1],
    [37, 3],
    [22_001, 3],
    [3001, 24],
    [1030, 64],
    [700, 100],
    [5, 700],
    [140, 600],
  ])('of %i rows of %i channels', (rows, channels) => {
    expectDefined(numbersFor(rows, channels), 2e-6);
  });

  it('far from 0', () => {
    const given = numbersFor(5000, 16);
    expectDefined({ ...given, x: given.x.map((value) => 30_000 + Math.round(value * 1024) / 1024) }, 2e-6);
  });

  it('where a number is unlike all others, also where it is the first', () => {
    const given = numbersFor(9000, 8);
    for (const row of [0, 4500, 8999]) {
      const x = given.x.slice();
      x.fill(1e5, row * 8, row * 8 + 8);
      expectDefined({ ...given, x }, 2e-6);
    }
  });

  it('of numbers that are all the same: nothing but the offset', () => {
    const given = numbersFor(3000, 8);
    const x = given.x.fill(0.1);
    const { y, unbiased } = tensorflow().tidy(() => computed({ ...given, x }));
    expect(new Set(unbiased)).toEqual(new Set([0]));
    expect([...y!.slice(0, 8)]).toEqual([...given.offset]);
  });

  it('passes on what is not finite, in its channel alone', () => {
    const given = numbersFor(100, 4);
    given.x[41] = Number.NaN;
    const { y } = tensorflow().tidy(() => computed(given));
    const isNaNIn = (channel: number) =>
      [...y!].filter((_, i) => i % 4 === channel).map((each) => Number.isNaN(each));
    expect(new Set(isNaNIn(1))).toEqual(new Set([true]));
    expect(new Set(isNaNIn(2))).toEqual(new Set([false]));
  });
});

describe('joined with a sum and a rectifier', () => {
  // But for the sign of 0, which tells nothing.
  const bytes = (tensor: Tensor) =>
    Buffer.from((tensor.dataSync() as Float32Array).map((value) => value + 0).buffer);

  it.each([
    [3001, 24],
    [129, 600],
  ])('it gives the same to the last bit: %i rows of %i channels', (rows, channels) => {
    const tf = tensorflow();
    const given = numbersFor(rows, channels);
    tf.tidy(() => {
      const [x, addend, dy] = [given.x, numbers('addend', rows * channels), given.dy].map((values) =>
        tf.tensor(values, [rows, channels]),
      ) as [Tensor, Tensor, Tensor];
      const [scale, offset] = [tf.tensor1d(given.scale), tf.tensor1d(given.offset)];
      const eps = { float: EPS };
      const [y, mean, rest, , inverse] = runOp('LossnetBatchNorm', { eps }, [x, scale, offset], 5);
      const saved = [x, scale, offset, mean!, rest!, inverse!];
      for (const added of [[], [addend]]) {
        const sum = tf.relu(added.length > 0 ? tf.add(y, addend) : y);
        const attributes = { relu: { bool: true }, N: { int: added.length } };
        const joined = runOp('LossnetBatchNorm', { eps, ...attributes }, [x, scale, offset, ...added], 5);
        expect(bytes(joined[0]).equals(bytes(sum))).toBe(true);
        const dSum = runOp('ReluGrad', { T: { type: 'float32' } }, [dy, sum])[0];
        const apart = runOp('LossnetBatchNormGrad', {}, [dSum, ...saved], 3);
        const inputs = [dy, ...saved, ...(added.length > 0 ? [sum] : [])];
        const all = runOp('LossnetBatchNormGrad', attributes, inputs, 3 + added.length);
        for (const [i, gradient] of [...apart, ...(added.length > 0 ? [dSum] : [])].entries()) {
          expect(bytes(all[i]!).equals(bytes(gradient)), `${added.length} added, output ${i}`).toBe(true);
        }
      }
    });
  });
});

it('refuses what does not fit together', () => {
  const tf = tensorflow();
  const [x, four, three] = [tf.zeros([2, 4]), tf.zeros([4]), tf.zeros([3])];
  const run = (...inputs: Tensor[]) => runOp('LossnetBatchNorm', { eps: { float: EPS } }, inputs, 5);
  expect(() => run(x, three, four)).toThrow('input 1 is [3] and has to be [4]');
  expect(() => run(tf.zeros([0, 4]), four, four)).toThrow('x has no numbers');
});

it('gives the same bytes on any number of threads', async () => {
  await expectSameBytes(
    { batchNorm: 'backend/kernels/batch-norm.js' },
    `const inputs = [numbers([5003, 1, 1, 64], 0.37), numbers([64], 0.7), numbers([64], 1.3)];
    const y = (...given) => batchNorm(...given, 1e-5).y;
    const all = [y(...inputs), ...tf.grads(y)(inputs, numbers([5003, 1, 1, 64], 0.11))];
    for (const tensor of all) add(tensor);`,
  );
});
