import { count, type Guard, list, nullable, object, text, WrongValue } from '../../../base/guards.js';
import type { Parameter } from '../../model/parameter.js';
import type { Sequential } from '../../model/sequential.js';
import type { CompiledGraph, TrainOutputs, WrittenOutputs } from './compiled-graph.js';
import { DATA_TYPES, type GraphType, type Output } from './graph-def.js';
import { GraphSession } from './session.js';
import { VariableStore } from './variable-store.js';
import { type Variable, type Variables, variablesFor } from './variables.js';

/** A graph that has been written down, before it is in a session: plain data, which a disk can keep. */
export interface TracedGraph {
  /** Bytes of a GraphDef. */
  readonly definition: Uint8Array;
  readonly names: TracedNames;
}

/** What its variables and outputs are called. */
export interface TracedNames extends Omit<CompiledGraph, 'store' | 'train' | 'evaluate'> {
  readonly variables: TracedVariables;
  readonly train: readonly (TrainOutputs & { readonly size: number })[];
  readonly evaluate: readonly { readonly size: number; readonly output: Output }[];
}

/** `Variables` in the order of the model's tensors. */
interface TracedVariables {
  readonly data: readonly Variable[];
  readonly grad: readonly Variable[];
  readonly before: readonly Variable[];
  readonly slots: readonly (readonly { readonly slot: string; readonly variable: Variable }[])[];
}

/** The variables without the tensors that they are of. */
export function tracedVariables({ data, grad, before, slots }: Variables): TracedVariables {
  const all = (of: ReadonlyMap<Parameter, Variable>) => [...of.values()];
  const named = [...slots.values()].map((own) => [...own].map(([slot, variable]) => ({ slot, variable })));
  return { data: all(data), grad: all(grad), before: all(before), slots: named };
}

/**
 * Puts a graph into a session of its own.
 *
 * @param graph as it was traced
 * @param model built as the one that it was traced for
 * @returns the graph; its variables have no values yet
 * @throws Error with TensorFlow's words when it is not valid
 */
export function openGraph({ definition, names }: TracedGraph, model: Sequential): CompiledGraph {
  const { variables, train, evaluate, ...outputs } = names;
  const session = GraphSession.load(definition);
  return {
    ...outputs,
    train: new Map(train.map(({ size, ...own }) => [size, own])),
    evaluate: new Map(evaluate.map(({ size, output }) => [size, output])),
    store: new VariableStore(session, variablesFor(model, keyed(variables))),
  };
}

/** As `variablesFor` takes them. */
function keyed({ data, grad, before, slots }: TracedVariables) {
  const byPlace = <T>(all: readonly T[]) => new Map(all.map((one, i) => [i, one]));
  const named = slots.map((own) => new Map(own.map(({ slot, variable }) => [slot, variable])));
  return { data: byPlace(data), grad: byPlace(grad), before: byPlace(before), slots: byPlace(named) };
}

const type: Guard<GraphType> = (value, path) => {
  if (typeof value === 'string' && value in DATA_TYPES) return value as GraphType;
  throw new WrongValue(`${path} is no type of tensors`);
};
const variable = object<Variable>({
  dtype: type,
  shape: list(count),
  handle: text,
  value: text,
  feed: text,
  stored: text,
});
const twice = object({ replace: text, add: text });

/** Reads names that come from a disk. */
export const readNames: Guard<TracedNames> = object<TracedNames>({
  variables: object<TracedVariables>({
    data: list(variable),
    grad: list(variable),
    before: list(variable),
    slots: list(list(object({ slot: text, variable }))),
  }),
  train: list(
    object<TracedNames['train'][number]>({
      size: count,
      forward: text,
      backward: twice,
      backwardAgain: twice,
      step: text,
      vector: nullable(text),
    }),
  ),
  evaluate: list(object({ size: count, output: text })),
  clip: text,
  step: text,
  written: nullable(object<WrittenOutputs>({ gradients: text, step: text })),
  remember: text,
  figures: text,
  finite: text,
});
