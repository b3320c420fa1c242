import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import { type Tensor, type Tensor1D, tensorflow } from '../tensorflow.js';
import { FLOAT } from './window.js';

interface LookUpAttributes {
  /** Index whose row gets no gradient. */
  readonly paddingIdx: number | null;
}

const INT = { type: 'int32' } as const;
const ATTRIBUTES = { Tparams: FLOAT, Tindices: INT, Taxis: INT, batch_dims: { int: 0 } };

const lookUpKernel = differentiable<LookUpAttributes>('LookUp', 2, {
  // tfjs's own gather reads all indices back to check them.
  forward: ([table, indices]) =>
    runOp('GatherV2', ATTRIBUTES, [table!, indices!, tensorflow().scalar(0, 'int32')])[0],
  gradient: (dy, [table, indices], { paddingIdx }) => [
    () => {
      const tf = tensorflow();
      const [rows, width] = table!.shape as [number, number];
      const flat = tf.reshape(indices!, [-1]);
      // A segment below 0 is left out of the sum.
      const segments =
        paddingIdx === null ? flat : tf.where(tf.equal(flat, paddingIdx), tf.scalar(-1, 'int32'), flat);
      return tf.unsortedSegmentSum(tf.reshape(dy, [-1, width]), segments as Tensor1D, rows);
    },
    null,
  ],
});

/**
 * Rows of a table by their index.
 *
 * @param table [rows, width]
 * @param indices [batch, length], int32, each below rows
 * @param paddingIdx index whose row gets no gradient; null: none
 * @returns [batch, length, width]
 */
export function lookUp(table: Tensor, indices: Tensor, paddingIdx: number | null): Tensor {
  return lookUpKernel([table, indices], { paddingIdx })[0]!;
}
