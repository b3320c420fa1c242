import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import type { Tensor } from '../tensorflow.js';
import { channelSums } from './sums.js';
import { FLOAT, NHWC } from './window.js';

const biasAddKernel = differentiable<object>('BiasAdd', 2, {
  forward: ([x, bias]) => runOp('BiasAdd', { T: FLOAT, data_format: NHWC }, [x!, bias!])[0],
  // A clone shares the data: the tape may dispose what a gradient returns, and dy is not ours.
  gradient: (dy) => [() => dy.clone(), () => channelSums(dy)],
});

/**
 * Adds a bias to the last dimension, in one op where tfjs broadcasts.
 *
 * @param x [..., features]
 * @param bias [features]
 * @returns [..., features]
 */
export function biasAdd(x: Tensor, bias: Tensor): Tensor {
  return biasAddKernel([x, bias], {})[0]!;
}
