import type { Parameter } from '../../model/parameter.js';
import type { Sequential } from '../../model/sequential.js';
import type { Optimizer } from '../../optim/optimizer.js';
import type { GraphBuilder, GraphType, Output } from './graph-def.js';

/** A tensor that lives in the session: a parameter, a buffer, a gradient or an optimizer's memory. */
export interface Variable {
  readonly dtype: GraphType;
  readonly shape: readonly number[];
  /** The node of the variable itself. */
  readonly handle: Output;
  /** Its value. */
  readonly value: Output;
  /** The placeholder for a new value, and the output that has it stored. */
  readonly feed: string;
  readonly stored: Output;
}

/** The variables of a model and its optimizer. */
export interface Variables {
  readonly data: ReadonlyMap<Parameter, Variable>;
  /** Of what is trained, as are the following. */
  readonly grad: ReadonlyMap<Parameter, Variable>;
  /** The parameters as they were when they were last remembered. */
  readonly before: ReadonlyMap<Parameter, Variable>;
  readonly slots: ReadonlyMap<Parameter, ReadonlyMap<string, Variable>>;
}

/** The same, whatever stands for the tensors: only their order counts. */
type InOrder<Kind> = Kind extends ReadonlyMap<Parameter, infer T> ? ReadonlyMap<unknown, T> : never;

/**
 * Makes the variables of a model and of its optimizer; they have no values yet.
 *
 * @param graph where the nodes go
 * @param model whose state they hold
 * @param optimizer whose memory they hold
 */
export function createVariables(graph: GraphBuilder, model: Sequential, optimizer: Optimizer): Variables {
  const variable = (kind: string, parameter: Parameter, dtype: GraphType) =>
    createVariable(graph, `${kind}/${parameter.name}`, dtype, parameter.layout.shape);
  const trained = model.trainable;
  const groupOf = new Map(optimizer.groups.flatMap((group) => group.parameters.map((each) => [each, group])));
  const slotsOf = (parameter: Parameter) => groupOf.get(parameter)?.slots ?? [];
  return {
    data: new Map(model.state.map((tensor) => [tensor, variable('data', tensor, tensor.dtype)])),
    grad: new Map(trained.map((parameter) => [parameter, variable('grad', parameter, 'float32')])),
    before: new Map(trained.map((parameter) => [parameter, variable('before', parameter, 'float32')])),
    slots: new Map(
      trained.map((parameter) => [
        parameter,
        new Map(slotsOf(parameter).map((slot) => [slot, variable(`slot/${slot}`, parameter, 'float32')])),
      ]),
    ),
  };
}

/**
 * @param model one that is built as the model whose variables these are
 * @param variables of that model and its optimizer, in the order of its tensors
 * @returns the same variables, for the tensors of this model
 */
export function variablesFor(
  model: Sequential,
  { data, grad, before, slots }: { readonly [Kind in keyof Variables]: InOrder<Variables[Kind]> },
): Variables {
  const { state, trainable } = model;
  // All are made in the order of the model's tensors.
  const inOrder = <T>(tensors: readonly Parameter[], of: ReadonlyMap<unknown, T>) => {
    const values = [...of.values()];
    return new Map(tensors.map((tensor, i) => [tensor, values[i]!]));
  };
  return {
    data: inOrder(state, data),
    grad: inOrder(trainable, grad),
    before: inOrder(trainable, before),
    slots: inOrder(trainable, slots),
  };
}

function createVariable(
  graph: GraphBuilder,
  name: string,
  dtype: GraphType,
  shape: readonly number[],
): Variable {
  const handle = graph.variable(name, dtype, shape);
  const value = graph.read(handle, dtype, `${name}/value`);
  const feed = graph.placeholder(`${name}/feed`, dtype, shape);
  const stored = graph.identity(graph.constant(Float32Array.of(0), 'float32', []), 'float32', [
    graph.assign(handle, feed, dtype),
  ]);
  return { dtype, shape, handle, value, feed, stored };
}
