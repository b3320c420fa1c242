import type { NamedLayer } from './layer.js';
import { dimensions, type InputShape, type Shape } from './shape.js';

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

/** Layers that multiply their weights with what they are given; an embedding looks them up, and normalisation scales. */
const MULTIPLYING = /^(conv2d|linear|gru|lstm)$/;

/** What a layer takes for one sample. */
export interface LayerWork {
  /** Multiplications with weights, each with its addition: half of what is called FLOPs. */
  readonly multiplyAdds: number;
  /** Numbers that it gives, which training keeps for the way back. */
  readonly outputs: number;
}

/**
 * What one layer takes in a forward pass. Biases, activations, pooling and normalisation are not counted, as is usual.
 *
 *     conv2d, linear: weights x places of the output        recurrent: weights x length of the input
 *
 * @param layer of a model; of one with layers inside, these are counted on their own
 * @param input what comes into it
 * @returns its work for one sample
 */
export function layerWork(layer: NamedLayer, input: InputShape): LayerWork {
  const outputs = dimensions(layer.output).reduce((product, size) => product * size, 1);
  if (layer.children !== undefined || !MULTIPLYING.test(layer.type)) return { multiplyAdds: 0, outputs };
  const weights = layer.parameters
    .filter(({ parameter }) => parameter.shape.length > 1)
    .reduce((count, { parameter }) => count + parameter.size, 0);
  const isRecurrent = layer.type !== 'conv2d' && layer.type !== 'linear';
  const places = isRecurrent && input.kind === 'sequence' ? input.length : placesOf(layer.output);
  return { multiplyAdds: weights * places, outputs };
}

/**
 * About how many numbers training keeps of a sample for the way back: what layers with parameters make. What comes between them is
 * joined with them, or made over what it is given.
 *
 * @param layers a model's
 */
export function keptPerSample(layers: readonly NamedLayer[]): number {
  return layers.reduce((sum, { output, parameters, children }) => {
    if (children) return sum + keptPerSample(children);
    return (
      sum + (parameters.length > 0 ? dimensions(output).reduce((product, size) => product * size, 1) : 0)
    );
  }, 0);
}

/**
 * @param layers a model's
 * @returns how many numbers one of them makes of a sample, where they are most
 */
export function largestOutput(layers: readonly NamedLayer[]): number {
  return Math.max(
    1,
    ...layers.map(({ output, children }) =>
      Math.max(
        dimensions(output).reduce((product, size) => product * size, 1),
        children ? largestOutput(children) : 1,
      ),
    ),
  );
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
