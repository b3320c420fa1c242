import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import type { Tensor } from '../tensorflow.js';
import { FLOAT, imageLengths, NHWC, paddingAttributes, type Window2d } from './window.js';

/** A pooling window. */
export interface PoolWindow extends Window2d {
  /** [height, width] */
  readonly kernel: readonly [number, number];
}

const attributes = (x: Tensor, window: PoolWindow) => ({
  T: FLOAT,
  ksize: { ints: [1, ...window.kernel, 1] },
  strides: { ints: [1, ...window.stride, 1] },
  ...paddingAttributes(imageLengths(x), window.kernel, window),
  data_format: NHWC,
});

const maxPoolKernel = differentiable<PoolWindow>('MaxPool2d', 1, {
  forward: ([x], window) => runOp('MaxPool', attributes(x!, window), [x!])[0],
  gradient: (dy, [x, y], window) => [() => runOp('MaxPoolGrad', attributes(x!, window), [x!, y!, dy])[0]],
});

/**
 * The maximum of each window, per channel; padded cells never win. Of equal values the first one gets the gradient.
 *
 * @param x [batch, height, width, channels]
 * @param window kernel, stride and padding
 * @returns [batch, out height, out width, channels]
 */
export function maxPool2d(x: Tensor, window: PoolWindow): Tensor {
  return maxPoolKernel([x], window)[0]!;
}
