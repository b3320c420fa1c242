import type { BatchNormOptions } from '../../../train/model/layers/batch-norm.js';
import { type LayerNormOptions, normalizedSizes } from '../../../train/model/layers/layer-norm.js';
import { dimensions } from '../../../train/model/shape.js';
import type { NumbersPlace } from '../places.js';
import type { OnnxGraph, Value } from './graph.js';
import { stored } from './stored.js';

/** Batch normalisation as an evaluation has it; PyTorch's channels are dimension 1, as ONNX's are. */
export function batchNorm(graph: OnnxGraph, place: NumbersPlace, options: BatchNormOptions, x: Value): Value {
  const sizes = dimensions(place.input);
  const channels = sizes[0]!;
  const { eps, affine } = options;
  const scale = affine ? stored(graph, place, 'weight') : graph.floats(Array(channels).fill(1), [channels]);
  const offset = affine ? stored(graph, place, 'bias') : graph.floats(Array(channels).fill(0), [channels]);
  if (options.trackRunningStats) {
    const statistics = [stored(graph, place, 'running_mean'), stored(graph, place, 'running_var')];
    return graph.node('BatchNormalization', [x, scale, offset, ...statistics], { epsilon: { float: eps } });
  }
  // Without running statistics it is the batch that is looked at.
  const others = [0, ...sizes.slice(1).map((_, i) => i + 2)];
  const along = graph.ints([channels, ...sizes.slice(1).map(() => 1)]);
  const [wideScale, wideOffset] = [scale, offset].map((value) => graph.node('Reshape', [value, along]));
  const scaled = graph.node('Mul', [normalized(graph, x, others, eps), wideScale!]);
  return graph.node('Add', [scaled, wideOffset!]);
}

/** Of operators that every version has. The one of its own computes the variance from squares, which loses digits. */
export function layerNorm(graph: OnnxGraph, place: NumbersPlace, options: LayerNormOptions, x: Value): Value {
  const axes = normalizedSizes(options, place.input).map((_, i, { length }) => i - length);
  const normal = normalized(graph, x, axes, options.eps);
  if (!options.elementwiseAffine) return normal;
  const scaled = graph.node('Mul', [normal, stored(graph, place, 'weight')]);
  return options.bias ? graph.node('Add', [scaled, stored(graph, place, 'bias')]) : scaled;
}

/** (x - mean) / sqrt(var + eps), var biased. */
function normalized(graph: OnnxGraph, x: Value, axes: readonly number[], eps: number): Value {
  const mean = (value: Value) => graph.node('ReduceMean', [value], { axes, keepdims: 1 });
  const near = graph.node('Sub', [x, mean(x)]);
  // Twice: a mean far from 0 is rounded more coarsely than the numbers differ from it.
  const centred = graph.node('Sub', [near, mean(near)]);
  const variance = mean(graph.node('Mul', [centred, centred]));
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, graph.floats([eps], [])])]);
  return graph.node('Div', [centred, deviation]);
}
