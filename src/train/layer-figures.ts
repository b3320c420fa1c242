import type { StepFigures } from './engine/step-figures.js';
import type { LayerFigures } from './events.js';

/**
 * Sums up what a step did to each layer.
 *
 *     norm = sqrt(sum over the layer's parameters of their squares),   update ratio = norm of the change / norm before
 *
 * @param figures of each parameter
 * @returns one entry for each layer with parameters, in the model's order; a layer whose weights were all zero has
 * an update ratio of 0 when they still are, else Infinity
 */
export function layerFigures(figures: readonly StepFigures[]): LayerFigures[] {
  const layers = new Map<string, StepFigures[]>();
  for (const figure of figures) {
    const { name } = figure.parameter;
    const layer = name.slice(0, name.lastIndexOf('.'));
    layers.set(layer, [...(layers.get(layer) ?? []), figure]);
  }
  return [...layers].map(([layer, parameters]) => {
    const norm = (key: 'grad' | 'data' | 'before' | 'change') =>
      Math.sqrt(parameters.reduce((sum, parameter) => sum + parameter[key], 0));
    const change = norm('change');
    return {
      layer,
      gradNorm: norm('grad'),
      weightNorm: norm('data'),
      updateRatio: change === 0 ? 0 : change / norm('before'),
    };
  });
}
