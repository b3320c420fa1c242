import type { RecurrentOptions } from '../../../train/model/layers/recurrent.js';
import type { NumbersPlace } from '../places.js';
import { FLOAT, int, type TfjsGraph, type Value } from './graph.js';
import { stored } from './stored.js';

/** tfjs has no recurrent operator: the steps stand one after the other, as the engine runs them. */
export function recurrent(graph: TfjsGraph, place: NumbersPlace, options: RecurrentOptions, x: Value): Value {
  const { input } = place;
  if (input.kind !== 'sequence') throw new Error(`layer ${place.name} needs a sequence`);
  const { numLayers, bidirectional, output, hiddenSize } = options;
  const ways = bidirectional ? ['', '_reverse'] : [''];
  let steps = x;
  for (let k = 0; k < numLayers; k++) {
    const features = k === 0 ? input.features : hiddenSize * ways.length;
    const runs = ways.map((way) => {
      const run = new Direction(graph, place, options, `l${k}${way}`);
      return run.states(steps, input.length, features, way !== '');
    });
    if (k === numLayers - 1 && output === 'last') {
      // The way back ends at the first step.
      return join(
        graph,
        runs.map((states, i) => (i === 1 ? states[0]! : states.at(-1)!)),
        1,
      );
    }
    const stacked = runs.map((states) =>
      graph.node('Pack', states, { T: FLOAT, N: int(states.length), axis: int(1) }),
    );
    steps = join(graph, stacked, 2);
  }
  return steps;
}

function join(graph: TfjsGraph, values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]!;
  return graph.node('ConcatV2', [...values, graph.ints([axis], [])], { T: FLOAT, N: int(values.length) });
}

/** One cell and its weights, going one way; its formulas are in recurrent-cells.ts. */
class Direction {
  readonly #graph: TfjsGraph;
  readonly #options: RecurrentOptions;
  readonly #weights: Readonly<Record<'ih' | 'hh', { readonly weight: Value; readonly bias: Value | null }>>;
  readonly #axis: Value;

  constructor(graph: TfjsGraph, place: NumbersPlace, options: RecurrentOptions, suffix: string) {
    this.#graph = graph;
    this.#options = options;
    const from = (what: 'ih' | 'hh') => ({
      weight: stored(graph, place, `weight_${what}_${suffix}`),
      bias: options.bias ? stored(graph, place, `bias_${what}_${suffix}`) : null,
    });
    this.#weights = { ih: from('ih'), hh: from('hh') };
    this.#axis = graph.ints([1], []);
  }

  /** The state [batch, hidden] after each step, in the order of the input. */
  states(x: Value, length: number, features: number, backwards: boolean): Value[] {
    const graph = this.#graph;
    const { type, hiddenSize } = this.#options;
    const gates = { gru: 3, lstm: 4 }[type];
    // The input's part of all steps in one product.
    const rows = this.#project(graph.reshape(x, [-1, features]), 'ih');
    const all = graph.reshape(rows, [-1, length, gates * hiddenSize]);
    const first = graph.node('Unpack', [all], { T: FLOAT, num: int(length), axis: int(1) });
    const inputs = Array.from({ length }, (_, i) => (i === 0 ? first : `${first}:${i}`));
    // One row stands for the whole batch.
    const zeros = graph.floats(Array(hiddenSize).fill(0), [1, hiddenSize]);
    let [h, c]: Value[] = [zeros, zeros];
    const states: Value[] = [];
    for (const input of backwards ? inputs.toReversed() : inputs) {
      const state = this.#project(h!, 'hh');
      [h, c] = type === 'gru' ? [this.#gru(input, state, h!)] : this.#lstm(input, state, c!);
      states.push(h!);
    }
    return backwards ? states.toReversed() : states;
  }

  #project(x: Value, from: 'ih' | 'hh'): Value {
    const { weight, bias } = this.#weights[from];
    const product = this.#graph.plain('MatMul', x, weight);
    return bias === null ? product : this.#graph.plain('BiasAdd', product, bias);
  }

  #split(x: Value, count: number): Value[] {
    const first = this.#graph.node('Split', [this.#axis, x], { T: FLOAT, num_split: int(count) });
    return Array.from({ length: count }, (_, i) => (i === 0 ? first : `${first}:${i}`));
  }

  #gru(input: Value, state: Value, h: Value): Value {
    const graph = this.#graph;
    const [inputReset, inputUpdate, inputNew] = this.#split(input, 3);
    const [stateReset, stateUpdate, stateNew] = this.#split(state, 3);
    const r = graph.plain('Sigmoid', graph.plain('AddV2', inputReset!, stateReset!));
    const z = graph.plain('Sigmoid', graph.plain('AddV2', inputUpdate!, stateUpdate!));
    const n = graph.plain('Tanh', graph.plain('AddV2', inputNew!, graph.plain('Mul', r, stateNew!)));
    return graph.plain('AddV2', n, graph.plain('Mul', z, graph.plain('Sub', h, n)));
  }

  #lstm(input: Value, state: Value, c: Value): [Value, Value] {
    const graph = this.#graph;
    const [i, f, g, o] = this.#split(graph.plain('AddV2', input, state), 4);
    const kept = graph.plain('Mul', graph.plain('Sigmoid', f!), c);
    const added = graph.plain('Mul', graph.plain('Sigmoid', i!), graph.plain('Tanh', g!));
    const cell = graph.plain('AddV2', kept, added);
    return [graph.plain('Mul', graph.plain('Sigmoid', o!), graph.plain('Tanh', cell)), cell];
  }
}
