/** What flows between two layers, without the batch dimension, in PyTorch's order of dimensions. */
export type Shape = ImageShape | FeaturesShape | SequenceShape;

/** What a model sees of a sample. Tokens are for an embedding: no other layer takes them. */
export type InputShape = Shape | TokensShape;

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

/** [length], int32: numbers that stand for something, each from 0 to below the size of the vocabulary. */
export interface TokensShape {
  readonly kind: 'tokens';
  readonly length: number;
  readonly vocabulary: number;
}

/** The sizes in PyTorch's order. */
export function dimensions(shape: InputShape): number[] {
  switch (shape.kind) {
    case 'image':
      return [shape.channels, shape.height, shape.width];
    case 'features':
      return [shape.features];
    case 'sequence':
      return [shape.length, shape.features];
    case 'tokens':
      return [shape.length];
  }
}

/** The sizes in the engine's order: channels last. */
export function engineDimensions(shape: InputShape): number[] {
  return shape.kind === 'image' ? [shape.height, shape.width, shape.channels] : dimensions(shape);
}

/** `3 x 32 x 32`, or `1024`. */
export function describeShape(shape: InputShape): string {
  return dimensions(shape).join(' x ');
}

/** What it is, for errors: `an image of 3 x 32 x 32`, `1024 features`, `a sequence of 32 x 96`. */
export function nameShape(shape: InputShape): string {
  const sizes = describeShape(shape);
  switch (shape.kind) {
    case 'image':
      return `an image of ${sizes}`;
    case 'features':
      return `${sizes} features`;
    case 'sequence':
      return `a sequence of ${sizes} (length x features)`;
    case 'tokens':
      return `${sizes} tokens of ${shape.vocabulary}`;
  }
}

/** The same sizes for values that are any numbers. */
export function anyNumbers<S extends Shape>({ wholeBelow: _, ...shape }: S): S {
  return shape as S;
}
