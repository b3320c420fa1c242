import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { lerp } from '../../../src/train/optim/lerp.js';

beforeAll(() => loadTensorFlow());

/** Expected: torch.lerp(torch.tensor(from), torch.tensor(to), weight). */
describe('lerp is torch.lerp', () => {
  it.each([
    { from: 1, to: 2, weight: 0.25, expected: 1.25 },
    { from: 1, to: 2, weight: 0.75, expected: 1.75 },
    { from: 1, to: 1e-9, weight: 0, expected: 1 },
    // From `from` on, the small number would be lost: 1 + (1e-9 - 1) is 0.
    { from: 1, to: 1e-9, weight: 1, expected: 1e-9 },
  ])('from $from to $to by $weight', ({ from, to, weight, expected }) => {
    const tf = tensorflow();
    const result = tf.tidy(
      () => lerp(tf.scalar(from), tf.scalar(to), tf.scalar(weight), weight).dataSync()[0],
    );
    expect(result).toBe(Math.fround(expected));
  });
});
