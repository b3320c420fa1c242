import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Layout } from './layout.js';
import type { FeaturesShape, ImageShape, Shape } from './shape.js';

/**
 * The engine's order of dimensions against PyTorch's: images lie channels last, and stay so when they are
 * flattened, until a layer needs PyTorch's order.
 */

/** Where the engine keeps PyTorch's dimensions of an image, the batch (0) included. */
const IMAGE_AXES = [0, 3, 1, 2] as const;

/**
 * @param shape of one sample
 * @param dim dimension in PyTorch's order, the batch being 0; negative counts from the end
 * @returns the axis of the engine's tensor; null when there is no such dimension, or it is the batch
 */
export function engineAxis(shape: Shape, dim: number): number | null {
  const rank = { image: 4, features: 2, sequence: 3 }[shape.kind];
  const positive = dim < 0 ? rank + dim : dim;
  if (!Number.isInteger(dim) || positive < 1 || positive >= rank) return null;
  return shape.kind === 'image' ? IMAGE_AXES[positive]! : positive;
}

/** An image batch [batch, height, width, channels] as PyTorch orders it, [batch, channels, height, width]. */
export function channelsFirst(x: Tensor): Tensor {
  return tensorflow().transpose(x, [...IMAGE_AXES]);
}

/** Puts features into PyTorch's order where they are not yet. */
export function torchOrder(x: Tensor, shape: Shape): Tensor {
  if (shape.kind !== 'features' || !shape.flattened) return x;
  const { channels, height, width } = shape.flattened;
  const image = tensorflow().reshape(x, [x.shape[0]!, height, width, channels]);
  return tensorflow().reshape(channelsFirst(image), [...x.shape]);
}

/** The shape of what `torchOrder` gives. */
export function inTorchOrder(shape: Shape): Shape {
  if (shape.kind !== 'features') return shape;
  const { flattened: _, ...ordered } = shape;
  return ordered;
}

/** How a parameter with one value per feature lies in the engine. */
export function featuresLayout({ features, flattened }: FeaturesShape): Layout {
  if (!flattened) return { view: [features], permutation: [0], shape: [features] };
  return { ...imageLayout(flattened), shape: [features] };
}

/** How a parameter with one value per channel and pixel lies in the engine. */
export function imageLayout({ channels, height, width }: ImageShape): Layout {
  return { view: [channels, height, width], permutation: [1, 2, 0], shape: [height, width, channels] };
}
