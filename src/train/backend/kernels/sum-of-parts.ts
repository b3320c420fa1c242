import { type Tensor, tensorflow } from '../tensorflow.js';

/** Products that a filter's gradient may add up one after the other. */
const MANY = 4096;

/** More parts than this cost too much. */
const MOST_PARTS = 64;

/**
 * A filter's gradient as the sum of those of parts of the batch, since oneDNN adds up one after the other what all places
 * contribute. Without groups and holes PyTorch does so too; with them it is ten times as precise.
 *
 * @param x [batch, height, width, in]
 * @param dy [batch, out height, out width, out]
 * @param compute the gradient from some of the images
 */
export function sumOfParts(x: Tensor, dy: Tensor, compute: (x: Tensor, dy: Tensor) => Tensor): Tensor {
  const tf = tensorflow();
  const [batch, height, width] = dy.shape as [number, number, number];
  const count = Math.min(Math.ceil((batch * height * width) / MANY), MOST_PARTS, batch);
  if (count === 1) return compute(x, dy);
  const start = (part: number) => Math.floor((part * batch) / count);
  const of = (tensor: Tensor, part: number) => {
    const [, ...image] = tensor.shape;
    return tf.slice(tensor, [start(part), 0, 0, 0], [start(part + 1) - start(part), ...image]);
  };
  return tf.addN(Array.from({ length: count }, (_, part) => compute(of(x, part), of(dy, part))));
}
