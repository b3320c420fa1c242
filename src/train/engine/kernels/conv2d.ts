import { differentiable } from '../differentiable.js';
import { type Attribute, runOp } from '../ops.js';
import { type Tensor, type Tensor4D, tensorflow } from '../tensorflow.js';
import { dilateKernel, undilateKernel } from './dilation.js';
import { explicitPadding, FLOAT, NHWC, type Window2d } from './window.js';

/** A convolution's window. */
export interface Conv2dWindow extends Window2d {
  /** Distance between two neighbours of the kernel, [height, width]; 1: none. */
  readonly dilation: readonly [number, number];
  /** Input and output channels are split in so many groups, each convolved by itself. */
  readonly groups: number;
}

const UNDILATED = [1, 1] as const;

const attributes = (
  { stride, padding }: Window2d,
  dilation: readonly [number, number],
): Record<string, Attribute> => ({
  T: FLOAT,
  strides: { ints: [1, ...stride, 1] },
  dilations: { ints: [1, ...dilation, 1] },
  ...explicitPadding(padding),
  data_format: NHWC,
});

const sizes = (shape: readonly number[]) => tensorflow().tensor1d([...shape], 'int32');

const conv2dKernel = differentiable<Conv2dWindow>('Conv2d', 2, {
  forward: ([x, filter], window) => runOp('Conv2D', attributes(window, window.dilation), [x!, filter!])[0],
  gradient: (dy, [x, filter], window) => {
    // The gradients know no dilation: they are those of the kernel with the holes filled with zeros.
    const { dilation, groups } = window;
    const whole = dilateKernel(filter!, dilation);
    const plain = attributes(window, UNDILATED);
    const input = (xs: Tensor, filters: Tensor, dys: Tensor) =>
      runOp('Conv2DBackpropInput', plain, [sizes(xs.shape), filters, dys])[0];
    const kernel = (xs: Tensor, filters: Tensor, dys: Tensor) =>
      runOp('Conv2DBackpropFilter', plain, [xs, sizes(filters.shape), dys])[0];
    return [
      () => perGroup(groups, x!, whole, dy, input),
      () => undilateKernel(perGroup(groups, x!, whole, dy, kernel), dilation),
    ];
  },
});

/** The gradients know no groups either: one group at a time. Inputs, outputs and kernels lie channels last. */
function perGroup(
  groups: number,
  x: Tensor,
  filter: Tensor,
  dy: Tensor,
  gradient: (x: Tensor, filter: Tensor, dy: Tensor) => Tensor,
): Tensor {
  if (groups === 1) return gradient(x, filter, dy);
  const tf = tensorflow();
  const [xs, filters, dys] = [x, filter, dy].map((tensor) => tf.split(tensor as Tensor4D, groups, 3));
  return tf.concat(
    xs!.map((part, i) => gradient(part, filters![i]!, dys![i]!)),
    3,
  );
}

const depthwiseKernel = differentiable<Conv2dWindow>('DepthwiseConv2d', 2, {
  forward: ([x, filter], window) =>
    runOp('DepthwiseConv2dNative', attributes(window, UNDILATED), [
      x!,
      dilateKernel(filter!, window.dilation),
    ])[0],
  gradient: (dy, [x, filter], window) => {
    const whole = dilateKernel(filter!, window.dilation);
    const plain = attributes(window, UNDILATED);
    return [
      () => runOp('DepthwiseConv2dNativeBackpropInput', plain, [sizes(x!.shape), whole, dy])[0],
      () =>
        undilateKernel(
          runOp('DepthwiseConv2dNativeBackpropFilter', plain, [x!, sizes(whole.shape), dy])[0],
          window.dilation,
        ),
    ];
  },
});

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
  return depthwiseKernel([x, perChannel], window)[0]!;
}
