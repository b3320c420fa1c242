import type { Parameter } from '../../model/parameter.js';
import { afterAll, type GraphBuilder, intAttribute, type Output, typeAttribute } from './graph-def.js';

/** The placeholder of a step's vector, see `StepLayout`. */
export const STEP_VECTOR = 'step_vector';

const T = typeAttribute;

/**
 * Gives all gradients along with what a run gives, as one output: each output is handed out at a cost of its own, and copied.
 *
 * @param graph where the nodes go
 * @param gradients of all parameters
 * @param result what `packResult` has packed
 * @param after all that is to happen before it is given
 * @returns [...gradients one after the other, in the engine's order, ...result]
 */
export function packGradients(
  graph: GraphBuilder,
  gradients: readonly Output[],
  result: Output,
  after: readonly Output[],
): Output {
  const flat = graph.constant(Int32Array.of(-1), 'int32', [1]);
  const rows = gradients.map((gradient) =>
    graph.node('Reshape', [gradient, flat], { T: T('float32'), Tshape: T('int32') }),
  );
  const axis = graph.constant(Int32Array.of(0), 'int32', []);
  const attributes = { T: T('float32'), N: intAttribute(rows.length + 1), Tidx: T('int32') };
  return graph.node('ConcatV2', [...rows, result, axis, ...afterAll(after)], attributes);
}

/**
 * Takes the gradients out of a step's vector that is fed.
 *
 * @param graph where the nodes go
 * @param parameters whose gradients lie one after the other from its beginning, in the engine's order
 * @param divisor offset of the number that they are divided by; null: they are taken as they are
 * @returns the gradients, in memory of their own
 */
export function unpackGradients(
  graph: GraphBuilder,
  parameters: readonly Parameter[],
  divisor: number | null,
): Output[] {
  // Of any length: behind the step, whoever adds it up has numbers of its own.
  const vector = graph.placeholder(STEP_VECTOR, 'float32', [-1]);
  const reshaped = (value: Output, shape: readonly number[]) => {
    const to = graph.constant(Int32Array.from(shape), 'int32', [shape.length]);
    return graph.node('Reshape', [value, to], { T: T('float32'), Tshape: T('int32') });
  };
  const by = divisor === null ? null : reshaped(graph.slice(vector, 'float32', [divisor], [1]), []);
  let first = 0;
  return parameters.map((parameter) => {
    const own = graph.slice(vector, 'float32', [first], [parameter.size]);
    first += parameter.size;
    const shaped = reshaped(own, parameter.layout.shape);
    return by === null
      ? graph.copy(shaped, 'float32')
      : graph.node('RealDiv', [shaped, by], { T: T('float32') });
  });
}
