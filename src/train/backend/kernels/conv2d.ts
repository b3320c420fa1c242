import { differentiable } from '../differentiable.js';
import { type Attribute, runOp } from '../ops.js';
import { type Tensor, type Tensor4D, tensorflow } from '../tensorflow.js';
import { depthwise } from './depthwise-conv2d.js';
import { dilateKernel, extentOf, undilateKernel } from './dilation.js';
import { sumOfParts } from './sum-of-parts.js';
import {
  type Conv2dWindow,
  FLOAT,
  imageLengths,
  NHWC,
  type Padding2d,
  paddingAttributes,
  sizes,
  type Window2d,
} from './window.js';

const UNDILATED = [1, 1] as const;

/** Of the convolution of `x`, the kernel reaching so far. */
const attributes = (
  x: Tensor,
  extent: readonly [number, number],
  window: Window2d,
  dilation: readonly [number, number] = UNDILATED,
): Record<string, Attribute> => ({
  T: FLOAT,
  strides: { ints: [1, ...window.stride, 1] },
  dilations: { ints: [1, ...dilation, 1] },
  ...paddingAttributes(imageLengths(x), extent, window),
  data_format: NHWC,
});

/**
 * A single image's convolution is computed by another, slower kernel than that of several, which would have to reorder the
 * filter first; in training, where it changes at each step, that kernel is three times as fast all the same. As a volume of depth
 * 1, for which there is no such exception, a step of the tutorial's CNN at batch 1 takes 0.73 of the time.
 */
const isSlowAlone = ({ shape }: Tensor, { dilation, groups }: Conv2dWindow, attrs: object): boolean =>
  shape[0] === 1 && groups === 1 && dilation.every((n) => n === 1) && !('explicit_paddings' in attrs);

function convolveAsVolume(x: Tensor, filter: Tensor, { stride }: Conv2dWindow, padding: Attribute): Tensor {
  const tf = tensorflow();
  const volume = tf.reshape(x, [1, 1, ...x.shape.slice(1)]);
  const attrs = {
    T: FLOAT,
    strides: { ints: [1, 1, ...stride, 1] },
    dilations: { ints: [1, 1, 1, 1, 1] },
    padding,
    data_format: { string: 'NDHWC' },
  };
  const [y] = runOp('Conv3D', attrs, [volume, tf.reshape(filter, [1, ...filter.shape])]);
  return tf.reshape(y, [1, ...y.shape.slice(2)]);
}

const conv2dKernel = differentiable<Conv2dWindow>('Conv2d', 2, {
  forward: ([x, filter], window) => {
    const { groups } = window;
    if (isWrongInGroups(filter!, groups)) {
      const alone = { ...window, groups: 1 };
      return perGroup(groups, [x!, filter!], ([xs, filters]) => convolve(xs!, filters!, alone));
    }
    return convolve(x!, filter!, window);
  },
  gradient: (dy, [x, filter], window) => {
    // The gradients know no dilation: they are those of the kernel with the holes filled with zeros. And no groups.
    const { dilation, groups } = window;
    const whole = dilateKernel(filter!, dilation);
    return [
      () =>
        perGroup(groups, [x!, whole, dy], ([xs, filters, dys]) => inputGradient(xs!, filters!, dys!, window)),
      () =>
        undilateKernel(
          perGroup(groups, [x!, whole, dy], ([xs, filters, dys]) => {
            const compute = (images: Tensor, upstream: Tensor) =>
              filterGradient(images, filters!, upstream, window);
            const isPlain = groups === 1 && whole === filter;
            return isPlain ? compute(xs!, dys!) : sumOfParts(xs!, dys!, compute);
          }),
          dilation,
        ),
    ];
  },
});

function convolve(x: Tensor, filter: Tensor, window: Conv2dWindow): Tensor {
  const { dilation } = window;
  const attrs = attributes(x, extentOf(filter, dilation), window, dilation);
  if (isSlowAlone(x, window, attrs)) return convolveAsVolume(x, filter, window, attrs.padding!);
  return runOp('Conv2D', attrs, [x, filter])[0];
}

/** No cells added, where they have been already. */
const UNPADDED: Padding2d = [
  [0, 0],
  [0, 0],
];

/**
 * Whether a padding has no word of TensorFlow's, as that of a stride of 2. Its gradients have only slow kernels for one: they are
 * computed of the image with the cells added, in a fifth of the time.
 */
const isPaddedFirst = (attrs: object): boolean => 'explicit_paddings' in attrs;

const addCells = (x: Tensor, [down, right]: Padding2d): Tensor =>
  tensorflow().pad(x, [[0, 0], [...down], [...right], [0, 0]]);

function inputGradient(x: Tensor, filter: Tensor, dy: Tensor, window: Conv2dWindow): Tensor {
  const attrs = attributes(x, extentOf(filter, UNDILATED), window);
  if (isPaddedFirst(attrs)) {
    const [[top], [left]] = window.padding;
    const padded = addCells(x, window.padding);
    const gradient = inputGradient(padded, filter, dy, { ...window, padding: UNPADDED });
    return tensorflow().slice(gradient, [0, top, left, 0], [...x.shape]);
  }
  const [, , inputs, outputs] = filter.shape;
  // Wrong with oneDNN on AVX-512 from one channel to one: a second output that is zero changes nothing else.
  const [filters, dys] =
    inputs === 1 && outputs === 1 ? [filter, dy].map((tensor) => withZeroChannel(tensor)) : [filter, dy];
  return runOp('Conv2DBackpropInput', attrs, [sizes(x.shape), filters!, dys!])[0];
}

function filterGradient(x: Tensor, filter: Tensor, dy: Tensor, window: Conv2dWindow): Tensor {
  const { stride } = window;
  const isPoint =
    filter.shape[0] === 1 && filter.shape[1] === 1 && window.padding.flat().every((n) => n === 0);
  if (isPoint && stride.some((n) => n > 1)) {
    // oneDNN on AVX-512 writes beyond its memory here. What the strides pass over counts for nothing: it goes first.
    const seen = tensorflow().stridedSlice(x, [0, 0, 0, 0], [...x.shape], [1, ...stride, 1]);
    return filterGradient(seen, filter, dy, { ...window, stride: [1, 1] });
  }
  const attrs = attributes(x, extentOf(filter, UNDILATED), window);
  if (isPaddedFirst(attrs)) {
    return filterGradient(addCells(x, window.padding), filter, dy, { ...window, padding: UNPADDED });
  }
  return runOp('Conv2DBackpropFilter', attrs, [x, sizes(filter.shape), dy])[0];
}

/** Groups of several inputs and one output each are wrong with oneDNN on AVX-512. */
const isWrongInGroups = ({ shape }: Tensor, groups: number): boolean =>
  groups > 1 && shape[3] === groups && shape[2]! > 1;

const withZeroChannel = (tensor: Tensor): Tensor =>
  tensorflow().pad(tensor, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 1],
  ]);

/** One group at a time. Inputs, outputs and kernels lie channels last. */
function perGroup(
  groups: number,
  tensors: readonly Tensor[],
  compute: (parts: readonly Tensor[]) => Tensor,
): Tensor {
  if (groups === 1) return compute(tensors);
  const tf = tensorflow();
  const parts = tensors.map((tensor) => tf.split(tensor as Tensor4D, groups, 3));
  return tf.concat(
    Array.from({ length: groups }, (_, i) => compute(parts.map((of) => of[i]!))),
    3,
  );
}

/**
 * 2d convolution with explicit zero padding, dilation and groups, which tfjs's own kernel cannot differentiate.
 *
 * @param x [batch, height, width, in]
 * @param filter [kernel height, kernel width, in / groups, out]
 * @param window stride, padding, dilation and groups
 * @returns [batch, out height, out width, out]
 */
export function conv2d(x: Tensor, filter: Tensor, window: Conv2dWindow): Tensor {
  const [height, width, , outputs] = filter.shape as [number, number, number, number];
  const channels = x.shape[3]!;
  // TensorFlow has kernels of its own for one channel per group, but only for square strides.
  if (window.groups === 1 || window.groups !== channels || window.stride[0] !== window.stride[1]) {
    return conv2dKernel([x, filter], window)[0]!;
  }
  const perChannel = tensorflow().reshape(filter, [height, width, channels, outputs / channels]);
  return depthwise(x, perChannel, window);
}
