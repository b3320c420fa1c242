import type { BatchNormOptions } from '../../../train/model/layers/batch-norm.js';
import { type LayerNormOptions, normalizedSizes } from '../../../train/model/layers/layer-norm.js';
import { engineAxis } from '../../../train/model/order.js';
import { dimensions } from '../../../train/model/shape.js';
import type { NumbersPlace } from '../places.js';
import { FLOAT, flag, type TfjsGraph, type Value } from './graph.js';
import { stored } from './stored.js';

/** Batch normalisation as an evaluation has it. */
export function batchNorm(graph: TfjsGraph, place: NumbersPlace, options: BatchNormOptions, x: Value): Value {
  const { input } = place;
  const { eps, affine } = options;
  const channels = dimensions(input)[0]!;
  // Channels are the engine's last dimension; of a sequence, its steps are the channels.
  const shape = input.kind === 'sequence' ? [channels, 1] : [channels];
  const tensor = (key: string) => stored(graph, place, key, shape);
  const [scale, offset] = affine
    ? [tensor('weight'), tensor('bias')]
    : [graph.floats(Array(channels).fill(1), shape), graph.floats(Array(channels).fill(0), shape)];
  if (!options.trackRunningStats) {
    const axes = { image: [0, 1, 2], features: [0], sequence: [0, 2] }[input.kind];
    return scaled(graph, normalized(graph, x, axes, eps), scale, offset);
  }
  const [mean, variance] = [tensor('running_mean'), tensor('running_var')];
  if (input.kind === 'image') {
    const attributes = { T: FLOAT, U: FLOAT, epsilon: { f: eps }, is_training: flag(false) };
    return graph.node('FusedBatchNormV3', [x, scale, offset, mean, variance], attributes);
  }
  const inverse = graph.plain('Rsqrt', graph.plain('AddV2', variance, graph.number(eps)));
  const normal = graph.plain('Mul', graph.plain('Sub', x, mean), inverse);
  return scaled(graph, normal, scale, offset);
}

/** Over the same numbers as in PyTorch, wherever the engine keeps them. */
export function layerNorm(graph: TfjsGraph, place: NumbersPlace, options: LayerNormOptions, x: Value): Value {
  const sizes = normalizedSizes(options, place.input);
  const axes = sizes.map((_, i) => engineAxis(place.input, i - sizes.length)!).sort((a, b) => a - b);
  const normal = normalized(graph, x, axes, options.eps);
  if (!options.elementwiseAffine) return normal;
  const product = graph.plain('Mul', normal, stored(graph, place, 'weight'));
  return options.bias ? graph.plain('AddV2', product, stored(graph, place, 'bias')) : product;
}

/** (x - mean) / sqrt(var + eps), var biased. */
function normalized(graph: TfjsGraph, x: Value, axes: readonly number[], eps: number): Value {
  const over = graph.ints(axes);
  const mean = (value: Value) => graph.node('Mean', [value, over], { T: FLOAT, keep_dims: flag(true) });
  const near = graph.plain('Sub', x, mean(x));
  // Twice: a mean far from 0 is rounded more coarsely than the numbers differ from it.
  const centred = graph.plain('Sub', near, mean(near));
  const variance = mean(graph.plain('Mul', centred, centred));
  const inverse = graph.plain('Rsqrt', graph.plain('AddV2', variance, graph.number(eps)));
  return graph.plain('Mul', centred, inverse);
}

const scaled = (graph: TfjsGraph, x: Value, scale: Value, offset: Value): Value =>
  graph.plain('AddV2', graph.plain('Mul', x, scale), offset);
