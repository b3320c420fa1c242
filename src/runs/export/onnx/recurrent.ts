import type { RecurrentOptions } from '../../../train/model/layers/recurrent.js';
import { type NumbersPlace, tensorOf } from '../places.js';
import type { OnnxGraph, Value } from './graph.js';

/** PyTorch's gates in ONNX's order: of a GRU r, z, n to z, r, n; of an LSTM i, f, g, o to i, o, f, g. */
const GATES = { gru: [1, 0, 2], lstm: [0, 3, 1, 2] } as const;

/**
 * Recurrent layers as ONNX's own operators: the state goes along the sequence inside of them.
 *
 * @source https://onnx.ai/onnx/operators/onnx__GRU.html, https://onnx.ai/onnx/operators/onnx__LSTM.html
 */
export function recurrent(graph: OnnxGraph, place: NumbersPlace, options: RecurrentOptions, x: Value): Value {
  const { type, hiddenSize, numLayers, bidirectional, output } = options;
  const ways = bidirectional ? ['', '_reverse'] : [''];
  const width = hiddenSize * ways.length;
  const attributes = {
    hidden_size: hiddenSize,
    direction: bidirectional ? 'bidirectional' : 'forward',
    // As PyTorch: the state's product is made before it is reset.
    ...(type === 'gru' && { linear_before_reset: 1 }),
  };
  let steps = x;
  for (let k = 0; k < numLayers; k++) {
    // Its operators have the length first.
    const turned = graph.node('Transpose', [steps], { perm: [1, 0, 2] });
    const inputs = [
      turned,
      weights(graph, place, options, ways, `weight_ih_l${k}`),
      weights(graph, place, options, ways, `weight_hh_l${k}`),
      ...(options.bias ? [biases(graph, place, options, ways, k)] : []),
    ];
    const [states, last] = graph.outputs(type.toUpperCase(), inputs, 2, attributes);
    if (k === numLayers - 1 && output === 'last') {
      // [directions, batch, hidden]
      const together = graph.node('Transpose', [last!], { perm: [1, 0, 2] });
      return graph.node('Reshape', [together, graph.ints([-1, width])]);
    }
    // [length, directions, batch, hidden]
    const together = graph.node('Transpose', [states!], { perm: [2, 0, 1, 3] });
    steps = graph.node('Reshape', [together, graph.ints([0, 0, width])]);
  }
  return steps;
}

/** [directions, gates x hidden, in] */
function weights(
  graph: OnnxGraph,
  place: NumbersPlace,
  { type, hiddenSize }: RecurrentOptions,
  ways: readonly string[],
  key: string,
): Value {
  const [, columns] = tensorOf(place, key).shape as [number, number];
  const values = joined(ways.map((way) => inOrder(place, type, hiddenSize * columns, `${key}${way}`)));
  return graph.floats(
    values,
    [ways.length, GATES[type].length * hiddenSize, columns],
    `${place.name}.${key}`,
  );
}

/** [directions, 2 x gates x hidden]: those of the input, then those of the state. */
function biases(
  graph: OnnxGraph,
  place: NumbersPlace,
  { type, hiddenSize }: RecurrentOptions,
  ways: readonly string[],
  k: number,
): Value {
  const values = joined(
    ways.flatMap((way) =>
      ['bias_ih', 'bias_hh'].map((key) => inOrder(place, type, hiddenSize, `${key}_l${k}${way}`)),
    ),
  );
  const shape = [ways.length, 2 * GATES[type].length * hiddenSize];
  return graph.floats(values, shape, `${place.name}.bias_l${k}`);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** A tensor's values with its gates, of so many values each, in ONNX's order. */
function inOrder(place: NumbersPlace, type: 'gru' | 'lstm', each: number, key: string): Float32Array {
  const values = tensorOf(place, key).values();
  const result = new Float32Array(values.length);
  for (const [i, gate] of GATES[type].entries())
    result.set(values.subarray(gate * each, (gate + 1) * each), i * each);
  return result;
}
