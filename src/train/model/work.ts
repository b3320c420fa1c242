import type { NamedLayer } from './layer.js';
import type { Shape } from './shape.js';

/** Forward, the gradients of the inputs and those of the weights: about as much each. */
const PASSES = 3;

/**
 * About how many floating point operations a training step takes per sample: two for each weight and place where it is
 * used, in each of the passes.
 *
 * @param layers a model's
 */
export function workPerSample(layers: readonly NamedLayer[]): number {
  return layers.reduce((sum, layer) => {
    if (layer.children) return sum + workPerSample(layer.children);
    const weights = layer.parameters.reduce((count, { parameter }) => count + parameter.size, 0);
    return sum + PASSES * 2 * weights * placesOf(layer.output);
  }, 0);
}

function placesOf(shape: Shape): number {
  switch (shape.kind) {
    case 'image':
      return shape.height * shape.width;
    case 'sequence':
      return shape.length;
    case 'features':
      return 1;
  }
}
