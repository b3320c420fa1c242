import type { ActivationOptions } from '../../../train/model/layers/activations.js';
import type { TfjsGraph, Value } from './graph.js';
import { FLOAT } from './graph.js';

/** Functions of each number by itself. */
export function activation(graph: TfjsGraph, options: ActivationOptions, x: Value): Value {
  switch (options.type) {
    case 'relu':
      return graph.plain('Relu', x);
    case 'sigmoid':
      return graph.plain('Sigmoid', x);
    case 'tanh':
      return graph.plain('Tanh', x);
    case 'leaky_relu':
      return graph.node('LeakyRelu', [x], { T: FLOAT, alpha: { f: options.negativeSlope } });
    case 'elu':
      return elu(graph, options.alpha, x);
    case 'silu':
      return graph.plain('Mul', x, graph.plain('Sigmoid', x));
    case 'gelu': {
      const curve = options.approximate === 'tanh' ? tanhCurve(graph, x) : erfCurve(graph, x);
      return graph.plain(
        'Mul',
        graph.plain('Mul', x, graph.number(0.5)),
        graph.plain('AddV2', curve, graph.number(1)),
      );
    }
  }
}

/** max(x, 0) + alpha (exp(min(x, 0)) - 1): TensorFlow's own knows no alpha. */
function elu(graph: TfjsGraph, alpha: number, x: Value): Value {
  if (alpha === 1) return graph.plain('Elu', x);
  const below = graph.plain('Expm1', graph.plain('Minimum', x, graph.number(0)));
  return graph.plain('AddV2', graph.plain('Relu', x), graph.plain('Mul', below, graph.number(alpha)));
}

function erfCurve(graph: TfjsGraph, x: Value): Value {
  return graph.plain('Erf', graph.plain('Mul', x, graph.number(Math.SQRT1_2)));
}

function tanhCurve(graph: TfjsGraph, x: Value): Value {
  const cube = graph.plain('Mul', graph.plain('Mul', x, x), x);
  const inner = graph.plain('AddV2', x, graph.plain('Mul', cube, graph.number(0.044715)));
  return graph.plain('Tanh', graph.plain('Mul', inner, graph.number(Math.sqrt(2 / Math.PI))));
}
