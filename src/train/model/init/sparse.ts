import type { Initializer } from './initializer.js';
import { normal } from './normal.js';

export interface SparseOptions {
  readonly type: 'sparse';
  readonly sparsity: number;
  readonly std: number;
}

/**
 * Normally distributed values, of which the same number in each column, at random places, are 0.
 *
 *     zeroes per column = ceil(sparsity * rows)
 *
 * @param options sparsity, the share of zeroes, 0 to 1; std of the others, default 0.01
 * @returns the initialiser, for tensors of 2 dimensions: [rows, columns]
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.sparse_
 */
export function sparse({ sparsity, std }: SparseOptions): Initializer {
  return (values, shape, stream) => {
    const [rows, columns] = shape as [number, number];
    const zeroes = Math.ceil(sparsity * rows);
    normal(0, std)(values, shape, stream);
    for (let column = 0; column < columns; column++) {
      for (const row of stream.permutation(rows).subarray(0, zeroes)) values[row * columns + column] = 0;
    }
  };
}
