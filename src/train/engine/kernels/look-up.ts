import { differentiable } from '../differentiable.js';
import { type Tensor, type Tensor1D, tensorflow } from '../tensorflow.js';

interface LookUpAttributes {
  /** Index whose row gets no gradient. */
  readonly paddingIdx: number | null;
}

const lookUpKernel = differentiable<LookUpAttributes>('LookUp', 2, {
  forward: ([table, indices]) => tensorflow().gather(table!, indices!),
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
