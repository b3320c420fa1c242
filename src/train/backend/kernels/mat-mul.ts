import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import type { Tensor } from '../tensorflow.js';
import { FLOAT } from './window.js';

/** [m, k] times [k, n], either of them turned round first. Without a gradient. */
export function product(a: Tensor, b: Tensor, { a: turnA = false, b: turnB = false } = {}): Tensor {
  return runOp('MatMul', { T: FLOAT, transpose_a: { bool: turnA }, transpose_b: { bool: turnB } }, [a, b])[0];
}

const matMulKernel = differentiable<object>('MatMul', 2, {
  forward: ([a, b]) => product(a!, b!),
  gradient: (dy, [a, b]) => [() => product(dy, b!, { b: true }), () => product(a!, dy, { a: true })],
});

/**
 * The product of two matrices. tfjs takes the op for batches of them, which TensorFlow does not fuse with a bias and an
 * activation.
 *
 * @param a [m, k]
 * @param b [k, n]
 * @returns [m, n]
 */
export function matMul(a: Tensor, b: Tensor): Tensor {
  return matMulKernel([a, b], {})[0]!;
}
