import type { Attribute } from '../ops.js';
import { type Tensor, tensorflow } from '../tensorflow.js';

export const FLOAT = { type: 'float32' } as const;
export const NHWC = { string: 'NHWC' } as const;

/** How a window slides over an image. */
export interface Window2d {
  /** [height, width] */
  readonly stride: readonly [number, number];
  /** Cells added around the image: [[top, bottom], [left, right]]. */
  readonly padding: Padding2d;
}

export type Padding2d = readonly [readonly [number, number], readonly [number, number]];

/** A convolution's window. */
export interface Conv2dWindow extends Window2d {
  /** Distance between two neighbours of the kernel, [height, width]; 1: none. */
  readonly dilation: readonly [number, number];
  /** Input and output channels are split in so many groups, each convolved by itself. */
  readonly groups: number;
}

/**
 * The attributes that say how an image is padded. TensorFlow's words `SAME` and `VALID` are used where they mean the
 * same cells: its fast kernels know no others.
 *
 * @param lengths height and width of the image
 * @param extent height and width of the window, its holes included
 * @param window stride and padding
 */
export function paddingAttributes(
  lengths: readonly [number, number],
  extent: readonly [number, number],
  { stride, padding }: Window2d,
): Record<string, Attribute> {
  const named = namedPadding(lengths, extent, { stride, padding });
  if (named) return { padding: { string: named } };
  const [height, width] = padding;
  return {
    padding: { string: 'EXPLICIT' },
    explicit_paddings: { ints: [0, 0, ...height, ...width, 0, 0] },
  };
}

/** TensorFlow's word for a padding; null when it has none. */
export function namedPadding(
  lengths: readonly [number, number],
  extent: readonly [number, number],
  { stride, padding }: Window2d,
): 'SAME' | 'VALID' | null {
  if (padding.flat().every((cells) => cells === 0)) return 'VALID';
  const isSame = padding.every(([before, after], axis) => {
    const windows = Math.ceil(lengths[axis]! / stride[axis]!);
    const total = Math.max(0, (windows - 1) * stride[axis]! + extent[axis]! - lengths[axis]!);
    return before === Math.floor(total / 2) && after === Math.ceil(total / 2);
  });
  return isSame ? 'SAME' : null;
}

/** Height and width of [batch, height, width, channels]. */
export function imageLengths({ shape }: { readonly shape: readonly number[] }): readonly [number, number] {
  return [shape[1]!, shape[2]!];
}

/** A shape as operations take it. */
export const sizes = (shape: readonly number[]): Tensor => tensorflow().tensor1d([...shape], 'int32');
