import { beforeAll, expect, it } from 'vitest';
import { statelessUniform } from '../../../../src/train/backend/kernels/stateless-uniform.js';
import { loadTensorFlow, tensorflow } from '../../../../src/train/backend/tensorflow.js';

beforeAll(() => loadTensorFlow());

it('statelessUniform is a function of its seed, uniform in [0, 1)', () => {
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
