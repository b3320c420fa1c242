import type { Attribute } from '../ops.js';

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

/** The attributes of ops that take explicit paddings, for [batch, height, width, channels]. */
export function explicitPadding([height, width]: Padding2d): Record<string, Attribute> {
  return {
    padding: { string: 'EXPLICIT' },
    explicit_paddings: { ints: [0, 0, ...height, ...width, 0, 0] },
  };
}
