import { placesOf } from '../places.js';
import { portsOf, type Subject } from '../subject.js';
import { OnnxGraph, type Value } from './graph.js';
import { onnxLayers } from './layers.js';

/**
 * Writes a model as ONNX, its weights inside, with what goes before and after its layers.
 *
 * @param subject the model
 * @param batchSize how many samples it takes at once; null: any number
 * @returns the bytes of model.onnx
 * @source https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function encodeOnnx(subject: Subject, batchSize: number | null): Buffer {
  const { input, layers, options, target } = subject;
  const ports = portsOf(subject, batchSize);
  const graph = new OnnxGraph();
  const seen = input.kind === 'image' ? transformed(graph, subject, ports.input.name) : ports.input.name;
  const said = onnxLayers(graph, placesOf(options, layers, input), seen);
  graph.layer = 'values';
  graph.rename(inUnits(graph, subject, said), ports.output.name);
  // A vocabulary is in preprocessing.json.
  const names =
    target.kind === 'class' && target.of === 'token' ? {} : { names: JSON.stringify(target.names) };
  return graph.serialize(ports.input, ports.output, names);
}

/** Pixels as the layers see them, channels first. */
function transformed(graph: OnnxGraph, { transforms: { scale, normalize } }: Subject, images: Value): Value {
  graph.layer = 'pixels';
  const turned = graph.node('Transpose', [images], { perm: [0, 3, 1, 2] });
  const scaled = scale ? graph.node('Div', [turned, graph.floats([255], [])]) : turned;
  if (!normalize) return scaled;
  const each = (values: readonly number[]) => graph.floats(values, [values.length, 1, 1]);
  return graph.node('Div', [graph.node('Sub', [scaled, each(normalize.mean)]), each(normalize.std)]);
}

/** y = output * std + mean, where batches hold (y - mean) / std. */
function inUnits(graph: OnnxGraph, { target }: Subject, said: Value): Value {
  if (target.kind !== 'value' || !target.mean || !target.std) return said;
  const each = (values: readonly number[]) => graph.floats(values, [values.length]);
  return graph.node('Add', [graph.node('Mul', [said, each(target.std)]), each(target.mean)]);
}
