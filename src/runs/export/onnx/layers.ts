import type { Padding2d } from '../../../train/backend/kernels/window.js';
import type { ActivationOptions } from '../../../train/model/layers/activations.js';
import { windowShares } from '../../../train/model/layers/adaptive-avg-pool2d.js';
import { type AvgPool2dOptions, averageWindow } from '../../../train/model/layers/avg-pool2d.js';
import { type Conv2dOptions, conv2dWindow } from '../../../train/model/layers/conv2d.js';
import type { MaxPool2dOptions } from '../../../train/model/layers/max-pool2d.js';
import { needImage, pair, poolWindow } from '../../../train/model/layers/window.js';
import { branchesOf, type NumbersPlace, numbersInto, type Place } from '../places.js';
import type { OnnxGraph, Value } from './graph.js';
import { batchNorm, layerNorm } from './norms.js';
import { recurrent } from './recurrent.js';
import { stored } from './stored.js';

/**
 * Writes layers that follow each other as ONNX's operators, which mean what PyTorch's modules do: images lie channels first,
 * and so do the features of a flattened one.
 *
 * @param graph where the nodes go
 * @param places the layers
 * @param x what goes into the first
 * @returns what comes out of the last
 */
export function onnxLayers(graph: OnnxGraph, places: readonly Place[], x: Value): Value {
  return places.reduce((value, place) => {
    graph.layer = place.name;
    return onnxLayer(graph, place, value);
  }, x);
}

function onnxLayer(graph: OnnxGraph, any: Place, x: Value): Value {
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
    case 'flatten':
      if (output.kind === input.kind) return x;
      if (output.kind === 'features') return graph.node('Flatten', [x], { axis: 1 });
      return reshape(graph, x, output.kind === 'sequence' ? [output.length, output.features] : []);
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
      return graph.node('Softmax', [x], { axis: options.dim ?? 1 });
    case 'log_softmax':
      return graph.node('LogSoftmax', [x], { axis: options.dim ?? 1 });
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
      const { layers, projection } = branchesOf(place, input);
      const sum = [onnxLayers(graph, layers, x), onnxLayers(graph, projection, x)];
      graph.layer = place.name;
      return graph.node('Add', sum);
    }
  }
}

/** Each sample in another shape. */
function reshape(graph: OnnxGraph, x: Value, sizes: readonly number[]): Value {
  return graph.node('Reshape', [x, graph.ints([-1, ...sizes])]);
}

function embedding(graph: OnnxGraph, place: Place, x: Value): Value {
  const indices = place.input.kind === 'tokens' ? x : graph.node('Cast', [x], { to: 6 });
  return graph.node('Gather', [stored(graph, place, 'weight'), indices], { axis: 0 });
}

/** ONNX has all that is before first, then all that is behind. */
const pads = ([vertical, horizontal]: Padding2d) => [
  ...[vertical[0], horizontal[0]],
  ...[vertical[1], horizontal[1]],
];

function conv2d(graph: OnnxGraph, place: Place, options: Conv2dOptions, x: Value): Value {
  const { stride, padding, dilation, groups } = conv2dWindow(options);
  const bias = options.bias ? [stored(graph, place, 'bias')] : [];
  return graph.node('Conv', [x, stored(graph, place, 'weight'), ...bias], {
    kernel_shape: pair(options.kernelSize),
    strides: stride,
    pads: pads(padding),
    dilations: dilation,
    group: groups,
  });
}

function maxPool2d(graph: OnnxGraph, { input }: NumbersPlace, options: MaxPool2dOptions, x: Value): Value {
  const { kernel, stride, padding } = poolWindow('max_pool2d', needImage('max_pool2d', input), options);
  return graph.node('MaxPool', [x], { kernel_shape: kernel, strides: stride, pads: pads(padding) });
}

function avgPool2d(graph: OnnxGraph, { input }: NumbersPlace, options: AvgPool2dOptions, x: Value): Value {
  const window = averageWindow(options, needImage('avg_pool2d', input));
  const { kernel, stride, padding, size, factors } = window;
  const means = graph.node('AveragePool', [x], {
    ...{ kernel_shape: kernel, strides: stride, pads: pads(padding) },
    count_include_pad: 1,
  });
  if (factors.every((factor) => factor === 1)) return means;
  return graph.node('Mul', [means, graph.floats(factors, size)]);
}

function adaptiveAvgPool2d(graph: OnnxGraph, { input, output }: NumbersPlace, x: Value): Value {
  const { height, width } = needImage('adaptive_avg_pool2d', input);
  const { height: rows, width: columns } = needImage('adaptive_avg_pool2d', output);
  if (rows === 1 && columns === 1) return graph.node('GlobalAveragePool', [x]);
  if (height % rows === 0 && width % columns === 0) {
    const kernel = [height / rows, width / columns];
    return graph.node('AveragePool', [x], { kernel_shape: kernel, strides: kernel });
  }
  // Windows of different sizes: a row of a matrix each.
  const down = graph.floats(windowShares(height, rows).flat(), [rows, height]);
  const turned = windowShares(width, columns);
  const across = Array.from({ length: width }, (_, cell) => turned.map((shares) => shares[cell]!));
  const byRow = graph.node('MatMul', [down, x]);
  return graph.node('MatMul', [byRow, graph.floats(across.flat(), [width, columns])]);
}

function linear(graph: OnnxGraph, place: NumbersPlace, x: Value): Value {
  const weight = stored(graph, place, 'weight');
  const bias = place.tensors.has('bias') ? [stored(graph, place, 'bias')] : [];
  if (place.input.kind === 'features') return graph.node('Gemm', [x, weight, ...bias], { transB: 1 });
  const product = graph.node('MatMul', [x, graph.node('Transpose', [weight], { perm: [1, 0] })]);
  return bias.length === 0 ? product : graph.node('Add', [product, ...bias]);
}

function activation(graph: OnnxGraph, options: ActivationOptions, x: Value): Value {
  const number = (value: number) => graph.floats([value], []);
  switch (options.type) {
    case 'relu':
      return graph.node('Relu', [x]);
    case 'sigmoid':
      return graph.node('Sigmoid', [x]);
    case 'tanh':
      return graph.node('Tanh', [x]);
    case 'leaky_relu':
      return graph.node('LeakyRelu', [x], { alpha: { float: options.negativeSlope } });
    case 'elu':
      return graph.node('Elu', [x], { alpha: { float: options.alpha } });
    case 'silu':
      return graph.node('Mul', [x, graph.node('Sigmoid', [x])]);
    case 'gelu': {
      // ONNX's own Gelu is of a newer version than many runtimes know.
      const curve = options.approximate === 'tanh' ? tanhCurve(graph, x) : erfCurve(graph, x);
      const half = graph.node('Mul', [x, number(0.5)]);
      return graph.node('Mul', [half, graph.node('Add', [curve, number(1)])]);
    }
  }
}

function erfCurve(graph: OnnxGraph, x: Value): Value {
  return graph.node('Erf', [graph.node('Mul', [x, graph.floats([Math.SQRT1_2], [])])]);
}

function tanhCurve(graph: OnnxGraph, x: Value): Value {
  const cube = graph.node('Mul', [graph.node('Mul', [x, x]), x]);
  const inner = graph.node('Add', [x, graph.node('Mul', [cube, graph.floats([0.044715], [])])]);
  return graph.node('Tanh', [graph.node('Mul', [inner, graph.floats([Math.sqrt(2 / Math.PI)], [])])]);
}
