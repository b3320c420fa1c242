import type { Window2d } from '../../engine/differentiable.js';
import { LayerError } from '../layer.js';
import { describeShape, type ImageShape } from '../shape.js';

/** One number for both directions, or [height, width]. */
export type Size2d = number | readonly [number, number];

export function pair(size: Size2d): readonly [number, number] {
  return typeof size === 'number' ? [size, size] : size;
}

/**
 * Height and width after sliding a window over an image.
 *
 *     floor((in + 2 padding - kernel) / stride) + 1
 *
 * @throws LayerError when the window does not fit
 */
export function outputSize(
  layer: string,
  input: ImageShape,
  kernel: readonly [number, number],
  { stride, padding }: Window2d,
): readonly [number, number] {
  const size = (length: number, axis: 0 | 1) =>
    Math.floor((length + 2 * padding[axis] - kernel[axis]) / stride[axis]) + 1;
  const [height, width] = [size(input.height, 0), size(input.width, 1)];
  if (height < 1 || width < 1) {
    const padded = padding[0] || padding[1] ? ` padded by ${padding.join(' x ')}` : '';
    throw new LayerError(
      `a ${layer} window of ${kernel.join(' x ')} does not fit an image of ${describeShape(input)}${padded}`,
      'Use a smaller kernel_size, more padding, or fewer pooling layers before it.',
    );
  }
  return [height, width];
}
