/** What flows between two layers, without the batch dimension, in PyTorch's order of dimensions. */
export type Shape = ImageShape | FeaturesShape | SequenceShape;

interface AnyShape {
  /**
   * Set while every value is a whole number from 0 to below this, as pixels are that stay bytes: what an embedding
   * can look up.
   */
  readonly wholeBelow?: number;
}

export interface ImageShape extends AnyShape {
  readonly kind: 'image';
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface FeaturesShape extends AnyShape {
  readonly kind: 'features';
  readonly features: number;
  /**
   * Set while the features are a flattened image in the engine's order (row, column, channel) instead of
   * PyTorch's (channel, row, column). The next layer with weights permutes these once instead of every batch.
   */
  readonly flattened?: ImageShape;
}

/** [length, features]: a recurrent layer goes along the length. */
export interface SequenceShape extends AnyShape {
  readonly kind: 'sequence';
  readonly length: number;
  readonly features: number;
}

/** The sizes in PyTorch's order. */
export function dimensions(shape: Shape): number[] {
  switch (shape.kind) {
    case 'image':
      return [shape.channels, shape.height, shape.width];
    case 'features':
      return [shape.features];
    case 'sequence':
      return [shape.length, shape.features];
  }
}

/** The sizes in the engine's order: channels last. */
export function engineDimensions(shape: Shape): number[] {
  return shape.kind === 'image' ? [shape.height, shape.width, shape.channels] : dimensions(shape);
}

/** `3 x 32 x 32`, or `1024`. */
export function describeShape(shape: Shape): string {
  return dimensions(shape).join(' x ');
}

/** What it is, for errors: `an image of 3 x 32 x 32`, `1024 features`, `a sequence of 32 x 96`. */
export function nameShape(shape: Shape): string {
  const sizes = describeShape(shape);
  switch (shape.kind) {
    case 'image':
      return `an image of ${sizes}`;
    case 'features':
      return `${sizes} features`;
    case 'sequence':
      return `a sequence of ${sizes} (length x features)`;
  }
}

/** The same sizes for values that are any numbers. */
export function anyNumbers<S extends Shape>({ wholeBelow: _, ...shape }: S): S {
  return shape as S;
}
