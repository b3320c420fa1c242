import type { Tensor } from '../../backend/tensorflow.js';
import { type GraphType, typeAttribute } from './graph-def.js';
import type { AttrValue } from './protobuf.js';

/**
 * Attributes that TensorFlow infers when it runs an op at once, and wants stated in a graph. tfjs-node leaves them out
 * for a few ops.
 *
 * @param op the op's name
 * @param inputs what it was given
 * @param outputs what it gave
 * @returns the attributes by name; those that tfjs-node states replace them
 */
export function inferredAttributes(
  op: string,
  inputs: readonly Tensor[],
  _outputs: readonly Tensor[],
): Record<string, AttrValue> {
  const typeOf = (index: number) => typeAttribute(inputs[index]!.dtype as GraphType);
  switch (op) {
    case 'ExpandDims':
      return { T: typeOf(0), Tdim: typeAttribute('int32') };
    default:
      return {};
  }
}
