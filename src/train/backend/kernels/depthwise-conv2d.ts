import { differentiable } from '../differentiable.js';
import { type Attribute, runOp } from '../ops.js';
import { type Tensor, tensorflow } from '../tensorflow.js';
import { dilateKernel, extentOf, undilateKernel } from './dilation.js';
import { sumOfParts } from './sum-of-parts.js';
import { type Conv2dWindow, FLOAT, imageLengths, NHWC, namedPadding, sizes } from './window.js';

/** A depthwise convolution's window: `SAME` or `VALID`. */
interface DepthwiseWindow extends Omit<Conv2dWindow, 'padding'> {
  readonly padding: 'SAME' | 'VALID';
}

const depthwiseAttributes = ({ stride, padding }: DepthwiseWindow): Record<string, Attribute> => ({
  T: FLOAT,
  strides: { ints: [1, ...stride, 1] },
  padding: { string: padding },
  data_format: NHWC,
});

const depthwiseKernel = differentiable<DepthwiseWindow>('DepthwiseConv2d', 2, {
  forward: ([x, filter], window) => {
    const whole = dilateKernel(filter!, window.dilation);
    return runOp('DepthwiseConv2dNative', depthwiseAttributes(window), [x!, whole])[0];
  },
  gradient: (dy, [x, filter], window) => {
    const whole = dilateKernel(filter!, window.dilation);
    const attrs = depthwiseAttributes(window);
    const compute = (images: Tensor, upstream: Tensor) =>
      runOp('DepthwiseConv2dNativeBackpropFilter', attrs, [images, sizes(whole.shape), upstream])[0];
    return [
      () => runOp('DepthwiseConv2dNativeBackpropInput', attrs, [sizes(x!.shape), whole, dy])[0],
      () => undilateKernel(whole === filter ? compute(x!, dy) : sumOfParts(x!, dy, compute), window.dilation),
    ];
  },
});

/** One filter for each channel, or several. */
export function depthwise(x: Tensor, filter: Tensor, window: Conv2dWindow): Tensor {
  const { padding } = window;
  const named = namedPadding(imageLengths(x), extentOf(filter, window.dilation), window);
  if (named) return depthwiseKernel([x, filter], { ...window, padding: named })[0]!;
  // TensorFlow 2.21 aborts the process when it optimises a graph with explicit paddings here (with none elsewhere).
  const padded = tensorflow().pad(x, [[0, 0], [...padding[0]], [...padding[1]], [0, 0]]);
  return depthwiseKernel([padded, filter], { ...window, padding: 'VALID' })[0]!;
}
