import { type Tensor4D, tensorflow } from '../../backend/tensorflow.js';
import type { Layer, LayerContext } from '../layer.js';
import { anyNumbers, type ImageShape } from '../shape.js';
import { needImage, type PoolOptions, poolWindow } from './window.js';

export interface AvgPool2dOptions extends PoolOptions {
  readonly type: 'avg_pool2d';
  readonly countIncludePad: boolean;
  /** null: the number of cells */
  readonly divisorOverride: number | null;
}

/**
 * The mean of each window, per channel.
 *
 *     y = sum of the window / number of its cells
 *
 * @param options kernelSize; stride, default kernelSize; padding, default 0; ceilMode, default false;
 * countIncludePad, default true: whether padded cells count (those that only ceilMode adds never do);
 * divisorOverride, default null: divide by this instead
 * @param context input shape (channels x height x width)
 * @returns the layer; it has no parameters
 * @throws LayerError when the input is no image, or smaller than the kernel
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export function avgPool2d(options: AvgPool2dOptions, context: LayerContext): Layer {
  const input = needImage('avg_pool2d', context.input);
  const { kernel, stride, padding, size, factors } = averageWindow(options, input);
  const isPadded = padding.flat().some((cellsAdded) => cellsAdded > 0);
  return {
    type: options.type,
    output: anyNumbers({ ...input, height: size[0], width: size[1] }),
    parameters: [],
    forward: (x) => {
      const tf = tensorflow();
      // TensorFlow's op knows no explicit paddings.
      const padded = isPadded ? tf.pad(x, [[0, 0], [...padding[0]], [...padding[1]], [0, 0]]) : x;
      const means = tf.avgPool(padded as Tensor4D, [...kernel], [...stride], 'valid');
      if (factors.every((factor) => factor === 1)) return means;
      return tf.mul(means, tf.tensor(factors, [1, size[0], size[1], 1]));
    },
  };
}

/**
 * How an average slides over an image.
 *
 * @param options of the layer
 * @param input the image
 * @returns kernel, stride, all padding, the output's [height, width], and by what to multiply the mean over each whole window,
 * padding included, row by row
 * @throws LayerError when the window does not fit
 */
export function averageWindow(options: AvgPool2dOptions, input: ImageShape) {
  const window = poolWindow('avg_pool2d', input, options);
  const { kernel, stride, padding, size } = window;
  const lengths = [input.height, input.width] as const;
  const counted = ([0, 1] as const).map((axis) => {
    const before = padding[axis][0];
    const [from, to] = options.countIncludePad ? [-before, lengths[axis] + before] : [0, lengths[axis]];
    return Array.from({ length: size[axis] }, (_, i) => {
      const start = i * stride[axis] - before;
      return Math.min(start + kernel[axis], to) - Math.max(start, from);
    });
  });
  const cells = kernel[0] * kernel[1];
  const [rows, columns] = [counted[0]!, counted[1]!];
  const divisor = (row: number, column: number) => options.divisorOverride ?? row * column;
  const factors = rows.flatMap((row) => columns.map((column) => cells / divisor(row, column)));
  return { ...window, factors };
}
