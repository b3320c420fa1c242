import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import type { Tensor } from '../tensorflow.js';
import { explicitPadding, FLOAT, NHWC, type Window2d } from './window.js';

/** A pooling window. */
export interface PoolWindow extends Window2d {
  /** [height, width] */
  readonly kernel: readonly [number, number];
}

const attributes = ({ kernel, stride, padding }: PoolWindow) => ({
  T: FLOAT,
  ksize: { ints: [1, ...kernel, 1] },
  strides: { ints: [1, ...stride, 1] },
  ...explicitPadding(padding),
  data_format: NHWC,
});

const maxPoolKernel = differentiable<PoolWindow>('MaxPool2d', 1, {
  forward: ([x], window) => runOp('MaxPool', attributes(window), [x!])[0],
  gradient: (dy, [x, y], window) => [() => runOp('MaxPoolGrad', attributes(window), [x!, y!, dy])[0]],
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
