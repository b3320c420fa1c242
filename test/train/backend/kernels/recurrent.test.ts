import { beforeAll, describe, expect, it } from 'vitest';
import { type Recurrence, recur } from '../../../../src/train/backend/kernels/recurrent.js';
import { runOp } from '../../../../src/train/backend/ops.js';
import { loadTensorFlow, type Tensor, tensorflow } from '../../../../src/train/backend/tensorflow.js';
import { expectClose } from '../../../helpers/close.js';
import { Stack } from '../../../helpers/layers.js';
import { expectWithin } from '../../../helpers/margin.js';
import { numbers } from '../../../helpers/numbers.js';
import { expectSameBytes } from '../../../helpers/same-bytes.js';

beforeAll(() => loadTensorFlow());

const CELLS = ['gru', 'lstm'] as const;
const GATES = { gru: 3, lstm: 4 } as const;

/** A batch of sequences, the input's part of their gates up to `scale`. */
function given(
  cell: Recurrence['cell'],
  [batch, length, hidden]: readonly [number, number, number],
  scale = 2,
) {
  const tf = tensorflow();
  const gates = GATES[cell] * hidden;
  const part = numbers('input', batch * length * gates).map((value) => value * scale);
  const bias = (name: string) => tf.tensor1d(numbers(name, gates));
  return {
    input: tf.tensor(part, [batch, length, gates]),
    weight: tf.tensor(numbers('weight', hidden * gates), [hidden, gates]),
    biases: [bias('one'), bias('two')] as const,
  };
}

const bytes = (tensor: Tensor) => Buffer.from((tensor.dataSync() as Float32Array).buffer);

/** Largest error of activations, relative to what they should be: one unit in the last place is 1.2e-7 at most. */
const TWO_UNITS = 2.4e-7;

describe('activations', () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const xs = Float32Array.from({ length: 40_000 }, (_, i) => (i - 20_000) / 233);
  const tiny = Float32Array.from({ length: 400 }, (_, i) => (i % 2 ? 1 : -1) * 10 ** (-i / 11));

  /** What an LSTM of one unit makes of the sums of its gates in a step. */
  const gatesOf = (sums: Float32Array) =>
    tensorflow().tidy(() => {
      const tf = tensorflow();
      const input = tf.tile(tf.reshape(tf.tensor1d(sums), [-1, 1, 1]), [1, 1, 4]);
      const attributes = { backwards: { bool: false }, all: { bool: false }, B: { int: 0 }, K: { int: 3 } };
      const [, , gates] = runOp('LossnetLstm', attributes, [input, tf.zeros([1, 4])], 4);
      return gates!.dataSync() as Float32Array;
    });

  it('are right to 2 units in the last place', () => {
    for (const sums of [xs, tiny]) {
      const gates = gatesOf(sums);
      let [ofSigmoid, ofTanh] = [0, 0];
      for (const [i, x] of sums.entries()) {
        const [s, t] = [sigmoid(x), Math.tanh(x)];
        if (s > 1e-37) ofSigmoid = Math.max(ofSigmoid, Math.abs(gates[4 * i]! - s) / s);
        if (Math.abs(t) > 1e-37) ofTanh = Math.max(ofTanh, Math.abs(gates[4 * i + 2]! - t) / Math.abs(t));
      }
      expectWithin(ofSigmoid, TWO_UNITS, 'sigmoid');
      expectWithin(ofTanh, TWO_UNITS, 'tanh');
    }
  });

  it('end at their limits, and pass on what is no number', () => {
    const ends = [Number.NEGATIVE_INFINITY, -1e30, -89, 0, 89, 1e30, Number.POSITIVE_INFINITY, Number.NaN];
    const gates = gatesOf(Float32Array.from(ends));
    const each = (gate: number) => ends.map((_, i) => gates[4 * i + gate]!);
    expect(each(0)).toEqual([0, 0, expect.closeTo(0, 30), 0.5, 1, 1, 1, Number.NaN]);
    expect(each(2)).toEqual([-1, -1, -1, 0, 1, 1, 1, Number.NaN]);
  });
});

describe.each(CELLS)('a layer of %s, all steps in one op', (type) => {
  const tf = tensorflow;

  it.each([
    { name: 'one number of each', batch: 1, length: 1, features: 1, options: { hidden_size: 1 }, scale: 1 },
    { name: 'odd sizes', batch: 37, length: 5, features: 3, options: { hidden_size: 41 }, scale: 1 },
    {
      name: 'gates that are nearly 0 or 1',
      ...{ batch: 3, length: 6, features: 2, scale: 60 },
      options: { hidden_size: 4, bidirectional: true, output: 'all', bias: false },
    },
  ])('gives what single steps do: $name', ({ batch, length, features, options, scale }) => {
    const stack = new Stack([{ type, ...options }], { kind: 'sequence', length, features });
    tf().tidy(() => {
      const values = numbers('x', batch * length * features).map((value) => value * scale);
      const x = tf().tensor(values, [batch, length, features]);
      const pass = { training: true, batchKey: tf().tensor1d([0, 0], 'int32'), update: () => {} };
      const run = (portable: boolean) => stack.layers[0]!.forward(x, { ...pass, portable });
      const portable = run(true);
      expectClose(run(false).dataSync(), portable.dataSync(), 2e-6);
      // tfjs cannot differentiate a sequence that is taken apart into one step.
      if (length === 1) return;
      const dy = tf().tensor(numbers('dy', portable.size), portable.shape);
      const data = stack.parameters.map((parameter) => parameter.data);
      const gradients = (isPortable: boolean) => tf().grads(() => run(isPortable))(data, dy);
      const [found, expected] = [gradients(false), gradients(true)];
      for (const [i, { name }] of stack.parameters.entries()) {
        // Sums of gates are rounded as coarsely as they are large.
        expectClose(found[i]!.dataSync(), expected[i]!.dataSync(), scale > 1 ? 3e-5 : 5e-6, name);
      }
    });
    stack.dispose();
  });
});

describe.each(CELLS)('%s', (cell) => {
  it.each(['last', 'all'] as const)('gives each sample the same bytes in any batch, %s', (output) => {
    const tf = tensorflow();
    tf.tidy(() => {
      const { input, weight, biases } = given(cell, [67, 4, 19]);
      const of = (x: Tensor) => recur(x, weight, biases, { cell, backwards: false, output });
      const all = of(input);
      for (const i of [0, 33, 66]) {
        const one = of(tf.slice(input, [i, 0, 0], [1, 4, -1]));
        expect(bytes(one).equals(bytes(tf.slice(all, [i], [1])))).toBe(true);
      }
    });
  });

  it('passes on what is no number, in its sample and from its step on', () => {
    const tf = tensorflow();
    tf.tidy(() => {
      const { input, weight, biases } = given(cell, [3, 4, 5]);
      const values = input.dataSync() as Float32Array;
      values[(1 * 4 + 2) * input.shape[2]!] = Number.NaN;
      const x = tf.tensor(values, input.shape);
      const run = (backwards: boolean) =>
        recur(x, weight, biases, { cell, backwards, output: 'all' }).arraySync() as number[][][];
      const areNaN = (y: number[][][]) => y.map((steps) => steps.map((state) => state.some(Number.isNaN)));
      const none = [false, false, false, false];
      expect(areNaN(run(false))).toEqual([none, [false, false, true, true], none]);
      expect(areNaN(run(true))).toEqual([none, [true, true, true, false], none]);
    });
  });

  it('gives the same where nothing is kept for a gradient, and leaves nothing behind', () => {
    const tf = tensorflow();
    const { input, weight, biases } = given(cell, [5, 3, 7]);
    const recurrence = { cell, backwards: true, output: 'last' } as const;
    const before = tf.memory().numTensors;
    const alone = recur(input, weight, biases, recurrence);
    expect(tf.memory().numTensors).toBe(before + 1);
    const { value, grads } = tf.valueAndGrads((x: Tensor, w: Tensor, b: Tensor, c: Tensor) =>
      recur(x, w, [b, c], recurrence),
    )([input, weight, ...biases], tf.onesLike(alone));
    expect(bytes(value).equals(bytes(alone))).toBe(true);
    tf.dispose([alone, value, ...grads]);
    expect(tf.memory().numTensors).toBe(before + 1); // the ones
  });

  it('refuses what does not fit together', () => {
    const tf = tensorflow();
    tf.tidy(() => {
      const { input, weight, biases } = given(cell, [2, 3, 4]);
      const run = (x: Tensor, w: Tensor, b: readonly [Tensor, Tensor]) =>
        recur(x, w, b, { cell, backwards: false, output: 'last' });
      const gates = GATES[cell] * 4;
      expect(() => run(input, tf.zeros([4, 5]), biases)).toThrow(
        `input 1 is [4, 5] and has to be [4, ${gates}]`,
      );
      expect(() => run(input, weight, [biases[0], tf.zeros([3])])).toThrow(
        `input 3 is [3] and has to be [${gates}]`,
      );
      expect(() => run(tf.zeros([2, 3, 5]), weight, biases)).toThrow('the gates have to be [batch, length,');
      expect(() => run(tf.zeros([0, 3, gates]), weight, biases)).toThrow(
        'the gates have to be [batch, length,',
      );
    });
  });
});

it('gives the same bytes on any number of threads', async () => {
  await expectSameBytes(
    { recur: 'backend/kernels/recurrent.js' },
    `for (const [cell, gates] of [['gru', 93], ['lstm', 124]]) {
      const inputs = [numbers([150, 6, gates], 0.37), numbers([31, gates], 0.7), numbers([gates], 1.3), numbers([gates], 0.9)];
      const y = (x, w, ...biases) => recur(x, w, biases, { cell, backwards: false, output: 'all' });
      const all = [y(...inputs), ...tf.grads(y)(inputs, numbers([150, 6, 31], 0.11))];
      // The product for the weight is TensorFlow's.
      for (const [i, tensor] of all.entries()) if (i !== 2) add(tensor);
    }`,
  );
});
