import type { Sums, Task } from '../../task/index.js';
import type { BatchSums } from '../batch-sums.js';
import { type GraphBuilder, intAttribute, type Output, typeAttribute } from './graph-def.js';

/** What a run gives, as outputs of the graph; what it does not give is left out. */
export interface ResultParts {
  /** The sum of the losses. */
  readonly total?: Output;
  /** The task's sums that need the model's outputs. */
  readonly measured?: Sums<Output>;
  /** The norm of the gradients before clipping. */
  readonly norm?: Output;
  /** What the model says of each sample, in one row; absent where nothing is made of it. */
  readonly said?: Output;
}

/**
 * Packs what a run gives into one output: a session hands out each at a cost of its own.
 *
 * @param graph where the nodes go
 * @param task whose sums there are
 * @param parts what it gives; 0 stands for the rest
 * @param after all that is to happen before it is given
 * @returns [total, ...measured, norm, ...said]
 */
export function packResult(
  graph: GraphBuilder,
  { measured: names }: Task,
  { total, measured = {}, norm, said }: ResultParts,
  after: readonly Output[],
): Output {
  const T = typeAttribute('float32');
  const zero = graph.constant(Float32Array.of(0), 'float32', []);
  const values = [total, ...names.map((name) => measured[name]), norm].map((output) => output ?? zero);
  const packed = graph.node('Pack', values, { T, N: intAttribute(values.length) });
  if (said === undefined) return graph.identity(packed, 'float32', after);
  const axis = graph.constant(Int32Array.of(0), 'int32', []);
  const attributes = { T, N: intAttribute(2), Tidx: typeAttribute('int32') };
  return graph.identity(graph.node('ConcatV2', [packed, said, axis], attributes), 'float32', after);
}

/** How many numbers `packResult` packs, what the model says left out. */
export const resultLength = ({ measured }: Task): number => measured.length + 2;

/** Reads what `packResult` has packed. */
export function readResult(
  values: Float32Array,
  task: Task,
): BatchSums<number> & { readonly norm: number; readonly said: Float32Array | null } {
  const measured: Record<string, number> = {};
  let at = 1;
  for (const name of task.measured) measured[name] = values[at++]!;
  const end = resultLength(task);
  const said = values.length > end ? values.subarray(end) : null;
  return { total: values[0]!, measured, norm: values[at]!, said };
}
