import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type Tensor, tensorflow } from '../../../src/train/engine/tensorflow.js';
import { createLoss } from '../../../src/train/loss/index.js';

beforeAll(() => loadTensorFlow());

const loss = createLoss({ type: 'cross_entropy' });
const valueAndGradient = (logits: number[][], targets: number[]) => {
  const tf = tensorflow();
  const labels = tf.tensor1d(targets, 'int32');
  const { value, grad } = tf.valueAndGrad((x: Tensor) => loss(x, labels))(tf.tensor2d(logits));
  return { value: value.dataSync()[0]!, gradient: (grad as Tensor).arraySync() as number[][] };
};

/** The definition, in float64. */
function byHand(logits: number[][], targets: number[]) {
  const softmax = logits.map((row) => {
    const largest = Math.max(...row);
    const exps = row.map((x) => Math.exp(x - largest));
    const sum = exps.reduce((a, b) => a + b, 0);
    return exps.map((e) => e / sum);
  });
  const value = softmax.reduce((sum, row, i) => sum - Math.log(row[targets[i]!]!), 0) / targets.length;
  const gradient = softmax.map((row, i) =>
    row.map((p, j) => (p - (j === targets[i] ? 1 : 0)) / targets.length),
  );
  return { value, gradient };
}

describe('cross entropy of raw logits', () => {
  it.each([
    ['one image', [[1, 2, 3]], [0]],
    [
      'a batch',
      [
        [0.1, -0.2, 3],
        [2, 2, 2],
        [-5, 0, 5],
      ],
      [2, 1, 0],
    ],
    [
      'large logits, which a softmax of its own would overflow',
      [
        [1000, 0, -1000],
        [-800, 800, 0],
      ],
      [0, 1],
    ],
    ['two classes', [[0.3, -0.3]], [1]],
  ])('%s', (_, logits, targets) => {
    const actual = valueAndGradient(logits, targets);
    const expected = byHand(logits, targets);
    expect(actual.value).toBeCloseTo(expected.value, 5);
    for (const [i, row] of expected.gradient.entries()) {
      for (const [j, value] of row.entries()) expect(actual.gradient[i]![j]).toBeCloseTo(value, 6);
    }
  });

  it('is log(classes) for logits that say nothing', () => {
    expect(valueAndGradient([Array<number>(10).fill(0)], [3]).value).toBeCloseTo(Math.log(10), 6);
  });
});
