import { differentiable } from '../differentiable.js';
import { type Tensor, tensorflow } from '../tensorflow.js';
import { sumOver } from './sums.js';
import { imageLengths } from './window.js';

const cellsOf = (x: Tensor): number => {
  const [height, width] = imageLengths(x);
  return height * width;
};

const imageMeanKernel = differentiable<object>('ImageMean', 1, {
  forward: ([x]) => tensorflow().div(sumOver(x!, [1, 2]), cellsOf(x!)),
  gradient: (dy, [x]) => [
    () => tensorflow().broadcastTo(tensorflow().div(dy, cellsOf(x!)), x!.shape as [number]),
  ],
});

/**
 * The mean over each image, per channel.
 *
 * @param x [batch, height, width, channels]
 * @returns [batch, 1, 1, channels]
 */
export function imageMean(x: Tensor): Tensor {
  return imageMeanKernel([x], {})[0]!;
}
