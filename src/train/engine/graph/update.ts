import type { Scalar } from '../../backend/tensorflow.js';
import type { Parameter } from '../../model/parameter.js';
import type { Optimizer } from '../../optim/optimizer.js';
import { afterAll, type Output } from './graph-def.js';
import { resourceUpdate } from './resource-updates.js';
import type { Tracer } from './tracer.js';
import type { Variables } from './variables.js';

/** What an optimizer's step is compiled from. */
export interface UpdateParts {
  readonly optimizer: Optimizer;
  readonly variables: Variables;
  /** Stand-ins for the optimizer's coefficients by name. */
  readonly at: ReadonlyMap<string, Scalar>;
}

/**
 * Writes down the optimizer's update of one parameter: one of TensorFlow's own ops where it gives the same, else the
 * optimizer's formula.
 *
 * @param tracer where it is written down
 * @param parts the optimizer, its variables and coefficients
 * @param parameter what is updated
 * @param gradient its gradient
 * @param after what has to run before
 * @returns the nodes that change the variables
 */
export function traceUpdate(
  tracer: Tracer,
  { optimizer, variables, at }: UpdateParts,
  parameter: Parameter,
  gradient: Output,
  after: readonly Output[],
): Output[] {
  const { graph } = tracer;
  const variable = variables.data.get(parameter)!;
  const slots = variables.slots.get(parameter)!;
  const order = afterAll(after);
  const inPlace = resourceUpdate(graph, optimizer, {
    data: variable.handle,
    slots: new Map([...slots].map(([slot, { handle }]) => [slot, handle])),
    gradient,
    at: (name) => tracer.outputOf(at.get(name)!),
    after: order,
  });
  if (inPlace !== null) return [inPlace];
  const state = Object.fromEntries(
    [...slots].map(([slot, { value, shape }]) => [slot, tracer.standIn(shape, value)]),
  );
  const grad = tracer.standIn(variable.shape, gradient);
  const data = tracer.standIn(variable.shape, variable.value);
  tracer.place = `the update of ${parameter.name}`;
  const next = tracer.trace(() => {
    const output = optimizer.next({ data, grad, state, at: Object.fromEntries(at) });
    const outputs = optimizer.slots.map((slot) => [slot, tracer.outputOf(output.state[slot]!)] as const);
    return { data: tracer.outputOf(output.data), state: new Map(outputs) };
  });
  return [
    graph.assign(variable.handle, next.data, 'float32', order),
    ...[...slots].map(([slot, { handle }]) => graph.assign(handle, next.state.get(slot)!, 'float32', order)),
  ];
}
