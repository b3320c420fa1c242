/** What flows between two layers, without the batch dimension, in PyTorch's order of dimensions. */
export type Shape = ImageShape | FeaturesShape;

export interface ImageShape {
  readonly kind: 'image';
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface FeaturesShape {
  readonly kind: 'features';
  readonly features: number;
  /**
   * Set while the features are a flattened image in the engine's order (row, column, channel) instead of
   * PyTorch's (channel, row, column). The next layer with weights permutes these once instead of every batch.
   */
  readonly flattened?: ImageShape;
}

/** `3 x 32 x 32`, or `1024`. */
export function describeShape(shape: Shape): string {
  return shape.kind === 'image'
    ? `${shape.channels} x ${shape.height} x ${shape.width}`
    : `${shape.features}`;
}
