import { toEngineOrder } from '../../../train/model/layout.js';
import { type Place, tensorOf } from '../places.js';
import type { TfjsGraph, Value } from './graph.js';

/**
 * A tensor of a layer in the engine's order, under the name that PyTorch has for it.
 *
 * @param graph where it goes
 * @param place the layer
 * @param key what the layer calls it
 * @param shape another shape for the same values; default the engine's
 */
export function stored(graph: TfjsGraph, place: Place, key: string, shape?: readonly number[]): Value {
  const { name, layout } = tensorOf(place, key);
  return graph.floats(engineValues(place, key), shape ?? layout.shape, name);
}

/** Its values in the engine's order. */
export function engineValues(place: Place, key: string): Float32Array {
  const tensor = tensorOf(place, key);
  return Float32Array.from(toEngineOrder(tensor.values(), tensor.layout));
}
