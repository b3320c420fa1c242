import type { Scalar } from '../../backend/tensorflow.js';
import type { Parameter } from '../../model/parameter.js';
import type { ParameterGroup } from '../../optim/update-rule.js';
import { afterAll, type Output } from './graph-def.js';
import { resourceUpdate } from './resource-updates.js';
import type { Tracer } from './tracer.js';
import type { Variables } from './variables.js';

/** What an optimizer's step is compiled from. */
export interface UpdateParts {
  /** The parameter's group, whose formula and options count. */
  readonly group: ParameterGroup;
  readonly variables: Variables;
  /** Stand-ins for the group's coefficients by name. */
  readonly at: (name: string) => Scalar;
}

/**
 * Writes down the optimizer's update of one parameter: one of TensorFlow's own ops where it gives the same, else the
 * optimizer's formula.
 *
 * @param tracer where it is written down
 * @param parts the parameter's group with its coefficients, and the variables
 * @param parameter what is updated
 * @param gradient its gradient
 * @param after what has to run before
 * @returns the nodes that change the variables
 */
export function traceUpdate(
  tracer: Tracer,
  { group, variables, at }: UpdateParts,
  parameter: Parameter,
  gradient: Output,
  after: readonly Output[],
): Output[] {
  const { graph } = tracer;
  const variable = variables.data.get(parameter)!;
  const slots = variables.slots.get(parameter)!;
  const order = afterAll(after);
  const inPlace = resourceUpdate(graph, group, {
    data: variable.handle,
    slots: new Map([...slots].map(([slot, { handle }]) => [slot, handle])),
    gradient,
    at: (name) => tracer.outputOf(at(name)),
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
    const names = Object.keys(group.coefficients(group.lr, 1, group.momentum ?? 0));
    const numbers = Object.fromEntries(names.map((name) => [name, at(name)]));
    const output = group.next({ data, grad, state, at: numbers });
    const outputs = group.slots.map((slot) => [slot, tracer.outputOf(output.state[slot]!)] as const);
    return { data: tracer.outputOf(output.data), state: new Map(outputs) };
  });
  return [
    graph.assign(variable.handle, next.data, 'float32', order),
    ...[...slots].map(([slot, { handle }]) => graph.assign(handle, next.state.get(slot)!, 'float32', order)),
  ];
}
