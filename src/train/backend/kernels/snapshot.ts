import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import type { Tensor } from '../tensorflow.js';
import { FLOAT } from './window.js';

const snapshotKernel = differentiable<object>('Snapshot', 1, {
  forward: ([x]) => runOp('Snapshot', { T: FLOAT }, [x!])[0],
  gradient: (dy) => [() => dy.clone()],
});

/**
 * The same values once more, so that what is computed of them is not fused with what they come from.
 *
 * @param x any shape
 * @returns as `x`
 */
export function snapshot(x: Tensor): Tensor {
  return snapshotKernel([x], {})[0]!;
}
