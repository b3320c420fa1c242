import { VERSION } from '../../../base/package.js';
import { placesOf } from '../places.js';
import { type Port, portsOf, type Subject } from '../subject.js';
import { FLOAT, shape, shapeOf, TfjsGraph, TYPES, type Value } from './graph.js';
import { tfjsLayers, torchOrder } from './layers.js';

/** Browsers keep files up to about this size in their cache. */
const SHARD_BYTES = 4 * 1024 * 1024;

/**
 * Writes a model as a graph model of tfjs, its weights beside it, with what goes before and after its layers.
 *
 * @param subject the model
 * @param batchSize how many samples it takes at once; null: any number
 * @returns the files by name: model.json, and the weights in parts
 * @source https://www.tensorflow.org/js/guide/save_load
 */
export function encodeTfjs(subject: Subject, batchSize: number | null): ReadonlyMap<string, Buffer> {
  const { input, layers, options } = subject;
  const ports = portsOf(subject, batchSize);
  const graph = new TfjsGraph();
  const dtype = { type: TYPES[ports.input.dtype] };
  const given = graph.node('Placeholder', [], { dtype, shape: shape(ports.input.shape) }, ports.input.name);
  const seen = input.kind === 'image' ? transformed(graph, subject, given) : given;
  const said = tfjsLayers(graph, placesOf(options, layers, input), seen);
  const last = layers.at(-1)?.output;
  const ordered = last === undefined ? said : torchOrder(graph, last, said);
  graph.layer = 'values';
  graph.node('Identity', [inUnits(graph, subject, ordered)], { T: FLOAT }, ports.output.name);

  const bytes = Buffer.concat(graph.weights.map((weight) => weight.bytes));
  const count = Math.max(1, Math.ceil(bytes.length / SHARD_BYTES));
  const paths = Array.from({ length: count }, (_, i) => `weights-${i + 1}of${count}.bin`);
  const model = {
    format: 'graph-model',
    generatedBy: `lossnet ${VERSION}`,
    convertedBy: null,
    signature: { inputs: entry(ports.input), outputs: entry(ports.output) },
    modelTopology: { node: graph.nodes, library: {}, versions: { producer: 1087 } },
    weightsManifest: [{ paths, weights: graph.weights.map(({ bytes: _, ...weight }) => weight) }],
  };
  return new Map([
    ['model.json', Buffer.from(JSON.stringify(model))],
    ...paths.map(
      (path, i) => [path, bytes.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES)] as [string, Buffer],
    ),
  ]);
}

const entry = ({ name, dtype, shape: sizes }: Port) => ({
  [name]: { name: `${name}:0`, dtype: TYPES[dtype], tensorShape: shapeOf(sizes) },
});

/** Pixels as the layers see them. */
function transformed(graph: TfjsGraph, { transforms: { scale, normalize } }: Subject, images: Value): Value {
  graph.layer = 'pixels';
  const scaled = scale ? graph.plain('RealDiv', images, graph.number(255)) : images;
  if (!normalize) return scaled;
  const each = (values: readonly number[]) => graph.floats(values, [values.length]);
  return graph.plain('RealDiv', graph.plain('Sub', scaled, each(normalize.mean)), each(normalize.std));
}

/** y = output * std + mean, where batches hold (y - mean) / std. */
function inUnits(graph: TfjsGraph, { target }: Subject, said: Value): Value {
  if (target.kind !== 'value' || !target.mean || !target.std) return said;
  const each = (values: readonly number[]) => graph.floats(values, [values.length]);
  return graph.plain('AddV2', graph.plain('Mul', said, each(target.std)), each(target.mean));
}
