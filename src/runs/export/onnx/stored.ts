import { type Place, tensorOf } from '../places.js';
import type { OnnxGraph, Value } from './graph.js';

/** A tensor of a layer, as PyTorch has it and calls it. */
export function stored(graph: OnnxGraph, place: Place, key: string): Value {
  const tensor = tensorOf(place, key);
  return graph.floats(Float32Array.from(tensor.values()), tensor.shape, tensor.name);
}
