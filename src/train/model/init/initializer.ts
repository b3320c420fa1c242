import type { RandomStream } from '../../random.js';

/**
 * Fills `values` with a tensor's first values.
 *
 * @param values in PyTorch's order of dimensions
 * @param shape PyTorch's, such as [out, in / groups, kernel height, kernel width] or [out, in]
 * @param stream the tensor's own random numbers
 */
export type Initializer = (values: Float32Array, shape: readonly number[], stream: RandomStream) => void;
