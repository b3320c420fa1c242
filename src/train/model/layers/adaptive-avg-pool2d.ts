import { imageMean } from '../../backend/kernels/image-mean.js';
import { type Tensor, type Tensor4D, tensorflow } from '../../backend/tensorflow.js';
import type { Layer, LayerContext } from '../layer.js';
import { anyNumbers } from '../shape.js';
import { needImage } from './window.js';

export interface AdaptiveAvgPool2dOptions {
  readonly type: 'adaptive_avg_pool2d';
  /** null: as large as the input */
  readonly outputSize: number | readonly [number | null, number | null];
}

/**
 * The mean over as many windows as the output is to have cells, whatever the input's size; 1 is the mean over the
 * whole image.
 *
 *     window i of n over a length: floor(i * length / n) to ceil((i + 1) * length / n)
 *
 * @param options outputSize, one number or [height, width], null for the input's own
 * @param context input shape (channels x height x width)
 * @returns the layer; it has no parameters
 * @throws LayerError when the input is no image
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export function adaptiveAvgPool2d(options: AdaptiveAvgPool2dOptions, context: LayerContext): Layer {
  const input = needImage('adaptive_avg_pool2d', context.input);
  const { outputSize } = options;
  const [vertical, horizontal] = typeof outputSize === 'number' ? [outputSize, outputSize] : outputSize;
  const [height, width] = [vertical ?? input.height, horizontal ?? input.width];
  return {
    type: options.type,
    output: anyNumbers({ ...input, height, width }),
    parameters: [],
    forward: poolForward([input.height, input.width], [height, width]),
  };
}

function poolForward(
  [height, width]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): (x: Tensor) => Tensor {
  if (rows === 1 && columns === 1) return imageMean;
  if (height % rows === 0 && width % columns === 0) {
    const kernel: [number, number] = [height / rows, width / columns];
    return (x) => tensorflow().avgPool(x as Tensor4D, kernel, kernel, 'valid');
  }
  // Windows of different sizes: a row of a matrix each, along the height and then along the width.
  return (x) => {
    const tf = tensorflow();
    const [batch, , , channels] = x.shape as [number, number, number, number];
    const along = (values: Tensor, length: number, windows: number) =>
      tf.matMul(tf.tensor([windowShares(length, windows)]), values);
    const byRow = along(tf.reshape(x, [batch, height, width * channels]), height, rows);
    const turned = tf.transpose(tf.reshape(byRow, [batch, rows, width, channels]), [0, 2, 1, 3]);
    const byColumn = along(tf.reshape(turned, [batch, width, rows * channels]), width, columns);
    return tf.transpose(tf.reshape(byColumn, [batch, columns, rows, channels]), [0, 2, 1, 3]);
  };
}

/**
 * @param length of a side of the image
 * @param windows along it
 * @returns [windows][length]: the share of each cell in each window's mean
 */
export function windowShares(length: number, windows: number): number[][] {
  return Array.from({ length: windows }, (_, i) => {
    const start = Math.floor((i * length) / windows);
    const end = Math.ceil(((i + 1) * length) / windows);
    return Array.from({ length }, (__, cell) => (cell >= start && cell < end ? 1 / (end - start) : 0));
  });
}
