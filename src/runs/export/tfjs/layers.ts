import { windowShares } from '../../../train/model/layers/adaptive-avg-pool2d.js';
import { needImage } from '../../../train/model/layers/window.js';
import { engineAxis, inTorchOrder } from '../../../train/model/order.js';
import type { Shape } from '../../../train/model/shape.js';
import { branchesOf, type NumbersPlace, numbersInto, type Place } from '../places.js';
import { activation } from './activations.js';
import { FLOAT, flag, type TfjsGraph, TYPES, type Value } from './graph.js';
import { batchNorm, layerNorm } from './norms.js';
import { recurrent } from './recurrent.js';
import { stored } from './stored.js';
import { avgPool2d, conv2d, maxPool2d } from './windows.js';

/**
 * Writes layers that follow each other as operators of TensorFlow that tfjs has on every backend, for batches of any size.
 * Images lie channels last, and stay so when they are flattened, as in the engine.
 *
 * @param graph where the nodes go
 * @param places the layers
 * @param x what goes into the first
 * @returns what comes out of the last
 */
export function tfjsLayers(graph: TfjsGraph, places: readonly Place[], x: Value): Value {
  return places.reduce((value, place) => {
    graph.layer = place.name;
    return tfjsLayer(graph, place, value);
  }, x);
}

function tfjsLayer(graph: TfjsGraph, any: Place, x: Value): Value {
  if (any.options.type === 'embedding') return embedding(graph, any, x);
  const place = numbersInto(any);
  const { options, input, output } = place;
  switch (options.type) {
    case 'conv2d':
      return conv2d(graph, place, options, x);
    case 'max_pool2d':
      return maxPool2d(graph, place, options, x);
    case 'avg_pool2d':
      return avgPool2d(graph, place, options, x);
    case 'adaptive_avg_pool2d':
      return adaptiveAvgPool2d(graph, place, x);
    case 'flatten': {
      if (output.kind === input.kind) return x;
      if (output.kind === 'features') return graph.reshape(x, [-1, output.features]);
      const { length, features } = output as Extract<Shape, { kind: 'sequence' }>;
      return graph.reshape(graph.transpose(x, [0, 3, 1, 2]), [-1, length, features]);
    }
    case 'linear':
      return linear(graph, place, x);
    case 'relu':
    case 'leaky_relu':
    case 'elu':
    case 'gelu':
    case 'silu':
    case 'sigmoid':
    case 'tanh':
      return activation(graph, options, x);
    case 'softmax':
      return alongLast(graph, input, options.dim ?? 1, x, (y) => graph.plain('Softmax', y));
    case 'log_softmax':
      return alongLast(graph, input, options.dim ?? 1, x, (y) => graph.plain('LogSoftmax', y));
    case 'dropout':
      return x;
    case 'batch_norm1d':
    case 'batch_norm2d':
      return batchNorm(graph, place, options, x);
    case 'layer_norm':
      return layerNorm(graph, place, options, x);
    case 'gru':
    case 'lstm':
      return recurrent(graph, place, options, x);
    case 'residual': {
      const start = torchOrder(graph, input, x);
      const { layers, projection } = branchesOf(place, input);
      const [sum, shortcut] = [layers, projection].map((branch) => {
        const y = tfjsLayers(graph, branch, start);
        return torchOrder(graph, branch.at(-1)?.output ?? inTorchOrder(input), y);
      });
      graph.layer = place.name;
      return graph.plain('AddV2', sum!, shortcut!);
    }
  }
}

/** Puts features into PyTorch's order where they are not yet. */
export function torchOrder(graph: TfjsGraph, shape: Shape, x: Value): Value {
  if (shape.kind !== 'features' || !shape.flattened) return x;
  const { channels, height, width } = shape.flattened;
  const image = graph.reshape(x, [-1, height, width, channels]);
  return graph.reshape(graph.transpose(image, [0, 3, 1, 2]), [-1, shape.features]);
}

function embedding(graph: TfjsGraph, place: Place, x: Value): Value {
  const { input } = place;
  const INT = { type: TYPES.int32 };
  const indices =
    input.kind === 'tokens'
      ? x
      : graph.node('Cast', [torchOrder(graph, input, x)], { SrcT: FLOAT, DstT: INT });
  const inputs = [stored(graph, place, 'weight'), indices, graph.ints([0], [])];
  return graph.node('GatherV2', inputs, { Tparams: FLOAT, Tindices: INT, Taxis: INT });
}

function linear(graph: TfjsGraph, place: NumbersPlace, x: Value): Value {
  const { input, output } = place;
  const isSequence = input.kind === 'sequence' && output.kind === 'sequence';
  const rows = isSequence ? graph.reshape(x, [-1, input.features]) : x;
  const product = graph.plain('MatMul', rows, stored(graph, place, 'weight'));
  const y = place.tensors.has('bias')
    ? graph.plain('BiasAdd', product, stored(graph, place, 'bias'))
    : product;
  return isSequence ? graph.reshape(y, [-1, output.length, output.features]) : y;
}

function adaptiveAvgPool2d(graph: TfjsGraph, { input, output }: NumbersPlace, x: Value): Value {
  const { height, width, channels } = needImage('adaptive_avg_pool2d', input);
  const { height: rows, width: columns } = needImage('adaptive_avg_pool2d', output);
  if (rows === 1 && columns === 1) {
    return graph.node('Mean', [x, graph.ints([1, 2])], { T: FLOAT, keep_dims: flag(true) });
  }
  // A row of a matrix for each window, along the height and then along the width.
  const along = (values: Value, length: number, windows: number) => {
    const shares = graph.floats(windowShares(length, windows).flat(), [1, windows, length]);
    return graph.plain('BatchMatMulV2', shares, values);
  };
  const byRow = along(graph.reshape(x, [-1, height, width * channels]), height, rows);
  const turned = graph.transpose(graph.reshape(byRow, [-1, rows, width, channels]), [0, 2, 1, 3]);
  const byColumn = along(graph.reshape(turned, [-1, width, rows * channels]), width, columns);
  return graph.transpose(graph.reshape(byColumn, [-1, columns, rows, channels]), [0, 2, 1, 3]);
}

/** tfjs has softmax along the last axis alone. */
function alongLast(graph: TfjsGraph, input: Shape, dim: number, x: Value, f: (x: Value) => Value): Value {
  const rank = { image: 4, features: 2, sequence: 3 }[input.kind];
  const [axis, last] = [engineAxis(input, dim)!, rank - 1];
  if (axis === last) return f(x);
  const swapped = Array.from({ length: rank }, (_, i) => (i === axis ? last : i === last ? axis : i));
  return graph.transpose(f(graph.transpose(x, swapped)), swapped);
}
