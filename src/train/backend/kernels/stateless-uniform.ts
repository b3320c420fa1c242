import { runOp } from '../ops.js';
import { type Tensor, tensorflow } from '../tensorflow.js';
import { FLOAT } from './window.js';

/**
 * Uniform random numbers in [0, 1) as a pure function of a seed (Philox): the same in every run, in both engines
 * and for any number of threads.
 *
 * @param shape shape of the result
 * @param seed [2], int32
 * @returns float32 tensor; no gradient flows through it
 */
export function statelessUniform(shape: readonly number[], seed: Tensor): Tensor {
  const size = tensorflow().tensor1d([...shape], 'int32');
  const attributes = { dtype: FLOAT, T: { type: 'int32' }, Tseed: { type: 'int32' } } as const;
  const [uniform] = runOp('StatelessRandomUniform', attributes, [size, seed]);
  size.dispose();
  return uniform;
}
