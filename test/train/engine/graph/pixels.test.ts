import { beforeAll, expect, it } from 'vitest';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import { GraphBuilder } from '../../../../src/train/engine/graph/graph-def.js';
import { BYTES_PER_NUMBER, pixelsFromBytes } from '../../../../src/train/engine/graph/pixels.js';
import { GraphSession } from '../../../../src/train/engine/graph/session.js';
import { loaderOf, NO_TRANSFORMS, tinyDataset } from '../../../helpers/data.js';

beforeAll(() => loadTensorFlow());

const CIFAR = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };

it.each([
  { scale: true, normalize: null },
  { scale: true, normalize: CIFAR },
  { scale: false, normalize: null },
  { scale: false, normalize: { mean: [1, 2, 3], std: [3, 7, 11] } },
])('bytes become in the graph what the loader makes of them, to the last bit: %j', (transforms) => {
  const loader = loaderOf(tinyDataset(20, 16), {
    batchSize: 20,
    transforms: { ...NO_TRANSFORMS, randomFlip: { p: 0.5 }, ...transforms },
  });
  const batch = loader.epoch(0).next().value!;
  const graph = new GraphBuilder();
  const shape = [20, 16, 16, 3];
  const bytes = graph.placeholder('bytes', 'int32', [batch.bytes!.length / BYTES_PER_NUMBER]);
  const output = graph.identity(pixelsFromBytes(graph, bytes, shape, transforms), 'float32', [], 'pixels');
  const session = GraphSession.load(graph.bytes);
  const numbers = new Int32Array(batch.bytes!.buffer);
  const [pixels] = session.run([{ name: 'bytes', values: numbers }], [output]);
  expect(new Set(batch.bytes).size).toBeGreaterThan(200);
  expect(pixels!.values).toEqual(batch.inputs);
  session.dispose();
});
