import { type Tensor, tensorflow } from './tensorflow.js';

/**
 * TensorFlow's own ops, called by name. tfjs-node's backend can run any op that TensorFlow has; it is the way to
 * those that tfjs does not offer (explicit paddings, stateless randomness) or composes from several others.
 */

type DType = 'float32' | 'int32' | 'bool';

/** An op's attribute. TensorFlow needs to be told its kind, since 1 may be an int or a float. */
export type Attribute =
  | { type: DType }
  | { int: number }
  | { ints: readonly number[] }
  | { float: number }
  | { bool: boolean }
  | { string: string };

/** What lossnet uses of tfjs-node's backend, which exports no type of it. */
interface NodeBackend {
  readonly binding: Readonly<
    Record<
      | 'TF_FLOAT'
      | 'TF_INT32'
      | 'TF_BOOL'
      | 'TF_ATTR_TYPE'
      | 'TF_ATTR_INT'
      | 'TF_ATTR_FLOAT'
      | 'TF_ATTR_BOOL'
      | 'TF_ATTR_STRING',
      number
    >
  >;
  executeMultipleOutputs(
    op: string,
    attributes: object[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

/**
 * Runs one TensorFlow op.
 *
 * @param op the op's name, for example `BiasAdd`
 * @param attributes the op's attributes by name; those with a default in TensorFlow may be left out
 * @param inputs the op's inputs, in its order
 * @param outputs how many outputs the op has, default 1
 * @returns the outputs, in the op's order
 * @throws Error with TensorFlow's words when the op refuses
 * @source https://www.tensorflow.org/api_docs/python/tf/raw_ops
 */
export function runOp(
  op: string,
  attributes: Readonly<Record<string, Attribute>>,
  inputs: readonly Tensor[],
  outputs = 1,
): [Tensor, ...Tensor[]] {
  const backend = tensorflow().backend() as unknown as NodeBackend;
  const attrs = Object.entries(attributes).map(([name, value]) => ({ name, ...encode(value, backend) }));
  return backend.executeMultipleOutputs(op, attrs, inputs, outputs) as [Tensor, ...Tensor[]];
}

function encode(attribute: Attribute, { binding }: NodeBackend): { type: number; value: unknown } {
  if ('type' in attribute) {
    const dtypes = { float32: binding.TF_FLOAT, int32: binding.TF_INT32, bool: binding.TF_BOOL };
    return { type: binding.TF_ATTR_TYPE, value: dtypes[attribute.type] };
  }
  if ('int' in attribute) return { type: binding.TF_ATTR_INT, value: attribute.int };
  if ('ints' in attribute) return { type: binding.TF_ATTR_INT, value: attribute.ints };
  if ('float' in attribute) return { type: binding.TF_ATTR_FLOAT, value: attribute.float };
  if ('bool' in attribute) return { type: binding.TF_ATTR_BOOL, value: attribute.bool };
  return { type: binding.TF_ATTR_STRING, value: attribute.string };
}
