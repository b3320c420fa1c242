import type { Padding2d, Window2d } from '../../backend/kernels/window.js';
import { LayerError } from '../layer.js';
import { describeShape, type ImageShape, nameShape, type Shape } from '../shape.js';

/** One number for both directions, or [height, width]. */
export type Size2d = number | readonly [number, number];

export function pair(size: Size2d): readonly [number, number] {
  return typeof size === 'number' ? [size, size] : size;
}

/** As much on each side. */
export function evenPadding(padding: Size2d): Padding2d {
  const [height, width] = pair(padding);
  return [
    [height, height],
    [width, width],
  ];
}

/** @throws LayerError when `input` is no image */
export function needImage(layer: string, input: Shape): ImageShape {
  if (input.kind === 'image') return input;
  throw new LayerError(
    `${layer} needs an image (channels x height x width) but gets ${nameShape(input)}`,
    'Move it before flatten.',
  );
}

/**
 * Height and width after sliding a window over an image.
 *
 *     floor((in + padding - kernel) / stride) + 1,   padding that of both sides together
 *
 * @param layer its kind, for errors
 * @param input the image
 * @param kernel [height, width], as it lies, with its holes
 * @param window stride and padding
 * @returns [height, width]
 * @throws LayerError when the window does not fit
 */
export function outputSize(
  layer: string,
  input: ImageShape,
  kernel: readonly [number, number],
  { stride, padding }: Window2d,
): readonly [number, number] {
  const size = (length: number, axis: 0 | 1) =>
    Math.floor((length + padding[axis][0] + padding[axis][1] - kernel[axis]) / stride[axis]) + 1;
  const [height, width] = [size(input.height, 0), size(input.width, 1)];
  if (height < 1 || width < 1) {
    const [vertical, horizontal] = [padding[0][0], padding[1][0]];
    const padded = vertical || horizontal ? ` padded by ${vertical} x ${horizontal}` : '';
    throw new LayerError(
      `a ${layer} window of ${kernel.join(' x ')} does not fit an image of ${describeShape(input)}${padded}`,
      'Use a smaller kernel_size, more padding, or fewer pooling layers before it.',
    );
  }
  return [height, width];
}

export interface PoolOptions {
  readonly kernelSize: Size2d;
  /** null: kernelSize */
  readonly stride: Size2d | null;
  readonly padding: Size2d;
  readonly ceilMode: boolean;
}

/**
 * The window of a pooling layer. With ceilMode a last window that begins inside the image or its padding, and ends
 * outside, counts as well: the image is padded further at the bottom and on the right.
 *
 * @param layer its kind, for errors
 * @param input the image
 * @param options kernelSize; stride, default kernelSize; padding, at most half the kernel; ceilMode
 * @returns kernel, stride, all padding, and the output's [height, width]
 * @throws LayerError when the window does not fit
 */
export function poolWindow(layer: string, input: ImageShape, options: PoolOptions) {
  const kernel = pair(options.kernelSize);
  const stride = pair(options.stride ?? options.kernelSize);
  const even = evenPadding(options.padding);
  if (even[0][0] > kernel[0] / 2 || even[1][0] > kernel[1] / 2) {
    throw new LayerError(
      `a ${layer} window of ${kernel.join(' x ')} can be padded by half its size at most, not by ${even[0][0]} x ${even[1][0]}`,
      'Use less padding or a larger kernel_size.',
    );
  }
  outputSize(layer, input, kernel, { stride, padding: even });
  const lengths = [input.height, input.width] as const;
  const sides = ([0, 1] as const).map((axis) => {
    const before = even[axis][0];
    const rest = lengths[axis] + 2 * before - kernel[axis];
    let count = (options.ceilMode ? Math.ceil : Math.floor)(rest / stride[axis]) + 1;
    if ((count - 1) * stride[axis] >= lengths[axis] + before) count -= 1;
    const reach = (count - 1) * stride[axis] + kernel[axis];
    return { count, padding: [before, Math.max(before, reach - lengths[axis] - before)] as const };
  });
  const [vertical, horizontal] = [sides[0]!, sides[1]!];
  return {
    kernel,
    stride,
    padding: [vertical.padding, horizontal.padding] as Padding2d,
    size: [vertical.count, horizontal.count] as const,
  };
}
