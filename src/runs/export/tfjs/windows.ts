import { namedPadding, type Padding2d, type Window2d } from '../../../train/backend/kernels/window.js';
import { type AvgPool2dOptions, averageWindow } from '../../../train/model/layers/avg-pool2d.js';
import { type Conv2dOptions, conv2dWindow } from '../../../train/model/layers/conv2d.js';
import type { MaxPool2dOptions } from '../../../train/model/layers/max-pool2d.js';
import { needImage, poolWindow } from '../../../train/model/layers/window.js';
import type { ImageShape } from '../../../train/model/shape.js';
import { type NumbersPlace, tensorOf } from '../places.js';
import { FLOAT, int, ints, type TfjsGraph, text, type Value } from './graph.js';
import { engineValues, stored } from './stored.js';

type Size = readonly [number, number];

/** tfjs has no groups, and no stride together with a dilation: both are made of what it has. */
export function conv2d(graph: TfjsGraph, place: NumbersPlace, options: Conv2dOptions, x: Value): Value {
  const input = needImage('conv2d', place.input);
  const { stride, padding, dilation, groups, extent } = conv2dWindow(options);
  const kernel = { values: engineValues(place, 'weight'), shape: tensorOf(place, 'weight').layout.shape };
  const isBoth = stride.some((n) => n > 1) && dilation.some((n) => n > 1);
  const { values, shape } = isBoth ? spread(kernel, dilation, extent) : kernel;
  const [height, width, perGroup, outputs] = shape as [number, number, number, number];
  const [padded, word] = pad(graph, x, input, extent, { stride, padding }, 0);
  const attributes = {
    T: FLOAT,
    strides: ints([1, ...stride, 1]),
    dilations: ints(isBoth ? [1, 1, 1, 1] : [1, ...dilation, 1]),
    padding: text(word),
    data_format: text('NHWC'),
  };
  const name = `${place.name}.weight`;
  let y: Value;
  if (groups === 1) {
    y = graph.node('Conv2D', [padded, graph.floats(values, shape, name)], attributes);
  } else if (perGroup === 1 && stride[0] === stride[1]) {
    const filter = graph.floats(values, [height, width, groups, outputs / groups], name);
    y = graph.node('DepthwiseConv2dNative', [padded, filter], attributes);
  } else {
    const parts = split(graph, padded, groups);
    const filters = split(graph, graph.floats(values, shape, name), groups);
    const each = parts.map((part, i) => graph.node('Conv2D', [part, filters[i]!], attributes));
    y = graph.node('ConcatV2', [...each, graph.ints([3], [])], { T: FLOAT, N: int(groups) });
  }
  return options.bias ? graph.plain('BiasAdd', y, stored(graph, place, 'bias')) : y;
}

/** Equal parts along the channels. */
function split(graph: TfjsGraph, x: Value, count: number): Value[] {
  const first = graph.node('Split', [graph.ints([3], []), x], { T: FLOAT, num_split: int(count) });
  return Array.from({ length: count }, (_, i) => (i === 0 ? first : `${first}:${i}`));
}

/** A kernel [height, width, in, out] with zeros in its holes. */
function spread(
  { values, shape }: { readonly values: Float32Array; readonly shape: readonly number[] },
  [down, right]: Size,
  [rows, columns]: Size,
) {
  const [height, width, ...rest] = shape as [number, number, number, number];
  const cell = rest[0] * rest[1]!;
  const wide = new Float32Array(rows * columns * cell);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * cell;
      wide.set(values.subarray(from, from + cell), (row * down * columns + column * right) * cell);
    }
  }
  return { values: wide, shape: [rows, columns, ...rest] };
}

/** Less than this no float32 is: padded cells never win. */
const LEAST = -3.4028234663852886e38;

export function maxPool2d(graph: TfjsGraph, place: NumbersPlace, options: MaxPool2dOptions, x: Value): Value {
  const input = needImage('max_pool2d', place.input);
  const { kernel, ...window } = poolWindow('max_pool2d', input, options);
  const [padded, word] = pad(graph, x, input, kernel, window, LEAST);
  return graph.node('MaxPool', [padded], poolAttributes(kernel, window.stride, word));
}

export function avgPool2d(graph: TfjsGraph, place: NumbersPlace, options: AvgPool2dOptions, x: Value): Value {
  const input = needImage('avg_pool2d', place.input);
  const { kernel, stride, padding, size, factors } = averageWindow(options, input);
  // TensorFlow's own padding would not count in the mean.
  const padded = padCells(graph, x, padding, 0);
  const means = graph.node('AvgPool', [padded], poolAttributes(kernel, stride, 'VALID'));
  if (factors.every((factor) => factor === 1)) return means;
  return graph.plain('Mul', means, graph.floats(factors, [...size, 1]));
}

const poolAttributes = (kernel: Size, stride: Size, word: string) => ({
  T: FLOAT,
  ksize: ints([1, ...kernel, 1]),
  strides: ints([1, ...stride, 1]),
  padding: text(word),
  data_format: text('NHWC'),
});

/** The image and TensorFlow's word for its padding; where it has none, the image is padded before. */
function pad(
  graph: TfjsGraph,
  x: Value,
  { height, width }: ImageShape,
  extent: Size,
  window: Window2d,
  value: number,
): [Value, 'SAME' | 'VALID'] {
  const word = namedPadding([height, width], extent, window);
  return word ? [x, word] : [padCells(graph, x, window.padding, value), 'VALID'];
}

function padCells(graph: TfjsGraph, x: Value, padding: Padding2d, value: number): Value {
  if (padding.flat().every((cells) => cells === 0)) return x;
  const cells = graph.ints([0, 0, ...padding[0], ...padding[1], 0, 0], [4, 2]);
  return graph.node('PadV2', [x, cells, graph.number(value)], { T: FLOAT });
}
