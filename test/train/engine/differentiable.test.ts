import { beforeAll, describe, expect, it } from 'vitest';
import { biasAdd, conv2d, statelessUniform } from '../../../src/train/engine/differentiable.js';
import { loadTensorFlow, type Tensor, tensorflow } from '../../../src/train/engine/tensorflow.js';
import { RandomStream } from '../../../src/train/random.js';

beforeAll(() => loadTensorFlow());

const stream = new RandomStream(0, 'init', 'differentiable');
const random = (shape: number[]) => {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.uniform(-1, 1));
  return { shape, values };
};

/** Compares the gradients of a weighted sum of f's outputs with central differences. */
function checkGradients(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: { shape: number[]; values: Float32Array }[],
): void {
  const tf = tensorflow();
  const tensors = inputs.map(({ shape, values }) => tf.tensor(values, shape, 'float32'));
  const weights = tf.tensor(random(f(...tensors).shape).values, f(...tensors).shape, 'float32');
  const value = (...x: Tensor[]) => tf.sum(tf.mul(f(...x), weights));
  const gradients = tf.grads(value)(tensors);
  const h = 0.05; // f is linear in each input, so a large difference loses nothing
  for (const [i, { shape, values }] of inputs.entries()) {
    const actual = gradients[i]!.dataSync();
    for (let j = 0; j < values.length; j += Math.max(1, Math.floor(values.length / 12))) {
      const at = (delta: number) => {
        const moved = Float32Array.from(values);
        moved[j]! += delta;
        const others = tensors.map((tensor, k) => (k === i ? tf.tensor(moved, shape, 'float32') : tensor));
        return value(...others).dataSync()[0]!;
      };
      expect(actual[j]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 2);
    }
  }
}

describe('gradients agree with central differences', () => {
  it.each([
    { stride: [1, 1], padding: [2, 2] },
    { stride: [1, 1], padding: [0, 0] },
    { stride: [2, 1], padding: [1, 0] },
    { stride: [3, 2], padding: [2, 1] },
  ] as const)('conv2d %j', (window) => {
    checkGradients((x, filter) => conv2d(x!, filter!, window), [random([2, 7, 6, 3]), random([3, 4, 3, 2])]);
  });

  it('conv2d at batch 1 and one channel', () => {
    const window = { stride: [1, 1], padding: [1, 1] } as const;
    checkGradients((x, filter) => conv2d(x!, filter!, window), [random([1, 5, 4, 1]), random([3, 3, 1, 1])]);
  });

  it.each([[[4, 3]], [[2, 4, 3, 3]]])('biasAdd on %j', (shape) => {
    checkGradients((x, bias) => biasAdd(x!, bias!), [random(shape), random([shape.at(-1)!])]);
  });
});

describe('statelessUniform', () => {
  it('is a function of its seed, uniform in [0, 1)', () => {
    const tf = tensorflow();
    const draw = (a: number, b: number) => [
      ...statelessUniform([5000], tf.tensor1d([a, b], 'int32')).dataSync(),
    ];
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(1, 2)).not.toEqual(draw(2, 1));
    const values = draw(3, 4);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(0.5, 1);
  });
});
