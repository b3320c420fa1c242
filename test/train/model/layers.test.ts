import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type Tensor, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { expectClose } from '../../helpers/close.js';
import { fixture } from '../../helpers/fixtures.js';
import { Stack, shapeOf } from '../../helpers/layers.js';
import { decodeFloats, numbers, sizeOf } from '../../helpers/numbers.js';
import type { Block } from '../../helpers/options.js';

interface Case {
  name: string;
  shape: number[];
  batch: number;
  training: boolean;
  whole_below: number | null;
  layers: Block[];
  output_shape: number[];
  output: string;
  input_grad: string | null;
  grads: Record<string, string>;
  buffers: Record<string, string>;
}

const { cases } = fixture<{ cases: Case[] }>('layers.json');

beforeAll(() => loadTensorFlow());

/** The input that the recording had. */
function inputOf({ batch, shape, whole_below }: Pick<Case, 'batch' | 'shape' | 'whole_below'>): Tensor {
  const sizes = [batch, ...shape];
  const values = numbers('x', sizeOf(sizes)).map((value) =>
    whole_below === null ? value * 2 : Math.floor(Math.fround(Math.fround(value + 1) * (whole_below / 2))),
  );
  return tensorflow().tensor(values, sizes);
}

const random = (name: string, shape: readonly number[]) =>
  tensorflow().tensor(numbers(name, sizeOf(shape)), [...shape]);

describe("layers give torch.nn's values and gradients", () => {
  it.each(cases)('$name', (c) => {
    const stack = new Stack(c.layers, shapeOf(c.shape, c.whole_below));
    tensorflow().tidy(() => {
      const x = inputOf(c);
      const updated = new Map<string, Tensor>();
      const y = stack.forward(x, c.training, (buffer, value) => updated.set(buffer.name, value));
      expect(y.shape).toEqual(c.output_shape);
      expectClose(y.dataSync(), decodeFloats(c.output), 1e-5);

      for (const buffer of stack.buffers) {
        const value = updated.get(buffer.name) ?? buffer.data;
        expectClose(buffer.toTorch(value), decodeFloats(c.buffers[buffer.name]!), 1e-5, buffer.name);
      }
      expect(stack.buffers.map(({ name }) => name).sort()).toEqual(Object.keys(c.buffers).sort());
      expect(stack.parameters.map(({ name }) => name).sort()).toEqual(Object.keys(c.grads).sort());

      const dy = random('dy', y.shape);
      if (c.input_grad !== null) {
        const { input, parameters } = stack.gradients(x, dy, c.training);
        expectClose(input.dataSync(), decodeFloats(c.input_grad), 1e-4, 'input');
        for (const [i, parameter] of stack.parameters.entries())
          expectClose(
            parameter.toTorch(parameters[i]!),
            decodeFloats(c.grads[parameter.name]!),
            1e-4,
            parameter.name,
          );
      } else {
        const loss = () => tensorflow().sum(tensorflow().mul(stack.forward(x, c.training), dy));
        const grads = tensorflow().valueAndGrads(loss as never)(
          stack.parameters.map(({ data }) => data),
        ).grads;
        for (const [i, parameter] of stack.parameters.entries())
          expectClose(
            parameter.toTorch(grads[i]!),
            decodeFloats(c.grads[parameter.name]!),
            1e-4,
            parameter.name,
          );
      }
    });
    stack.dispose();
  });
});
