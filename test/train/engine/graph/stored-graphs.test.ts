import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import { GraphBuilder } from '../../../../src/train/engine/graph/graph-def.js';
import { StoredGraphs, storedGraphs } from '../../../../src/train/engine/graph/stored-graphs.js';
import { createProgram } from '../../../../src/train/engine/index.js';
import { createLoss } from '../../../../src/train/loss/index.js';
import { Sequential } from '../../../../src/train/model/sequential.js';
import { createOptimizer } from '../../../../src/train/optim/index.js';
import { loaderOf, tinyDataset } from '../../../helpers/data.js';
import { CROSS_ENTROPY } from '../../../helpers/losses.js';
import { layersOf, optimizerOf } from '../../../helpers/options.js';
import { classes } from '../../../helpers/tasks.js';

const BLOCKS = [
  { type: 'conv2d', out_channels: 3, kernel_size: 3 },
  { type: 'batch_norm2d' },
  { type: 'relu' },
  { type: 'flatten' },
  { type: 'linear', out_features: 4 },
];

let folder: string;
beforeAll(() => loadTensorFlow());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lossnet-graphs-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

/** All that some steps and an evaluation give; and whether the graph was traced for it. */
function trained(stored?: StoredGraphs, key = 'a net') {
  const traced = vi.spyOn(GraphBuilder.prototype, 'bytes', 'get');
  const model = Sequential.build({
    layers: layersOf(...BLOCKS),
    input: { kind: 'image', channels: 3, height: 8, width: 8 },
    outputs: 4,
    seed: 0,
  });
  model.initialize();
  const optimizer = createOptimizer(optimizerOf({ type: 'adam' }), model.parameters);
  const { program } = createProgram('graph', {
    model,
    optimizer,
    task: classes(4),
    lossFunction: createLoss(CROSS_ENTROPY),
    clip: { clipGradNorm: 1, clipGradValue: null },
    sizes: { train: [6, 2], evaluate: [6, 2] },
    kept: { key, stored },
  });
  const figures: unknown[] = [];
  for (const batch of loaderOf(tinyDataset(8), { batchSize: 6 }).epoch(0)) {
    program.remember();
    optimizer.zeroGrad();
    const loss = program.loss(batch);
    loss.backward();
    optimizer.clipGradients({ clipGradNorm: 1, clipGradValue: null });
    optimizer.step();
    figures.push(loss.result(), optimizer.gradNorm, program.evaluate(batch));
    figures.push(program.stepFigures().map(({ grad, change }) => [grad, change]));
  }
  figures.push(program.nonFiniteParameter(), [...optimizer.stateDict()]);
  figures.push(model.state.map((tensor) => [tensor.name, tensor.toTorch(tensor.data)]));
  program.dispose();
  model.dispose();
  const isTraced = traced.mock.calls.length > 0;
  traced.mockRestore();
  return { figures, isTraced };
}

const files = () => readdirSync(folder).sort();

describe('a graph that another process has traced', () => {
  it('gives the same bytes, and is not traced again', () => {
    const expected = trained().figures;
    const written = trained(new StoredGraphs('build', folder));
    expect(written).toEqual({ figures: expected, isTraced: true });
    expect(files()).toEqual([expect.stringMatching(/^[\da-f]{32}\.graph$/)]);
    const file = join(folder, files()[0]!);
    const [bytes, long] = [readFileSync(file), new Date(0)];
    utimesSync(file, long, long);
    expect(trained(new StoredGraphs('build', folder))).toEqual({ figures: expected, isTraced: false });
    expect(readFileSync(file).equals(bytes)).toBe(true);

    // Of another source, or of another net.
    expect(trained(new StoredGraphs('other', folder))).toEqual({ figures: expected, isTraced: true });
    expect(trained(new StoredGraphs('build', folder), 'another net').isTraced).toBe(true);
    expect(files().length).toBe(3);
  });

  it('is traced anew, and written anew, where its file is not what it was', () => {
    const stored = new StoredGraphs('build', folder);
    const expected = trained(stored).figures;
    const file = join(folder, files()[0]!);
    const bytes = readFileSync(file);
    const flipped = (at: number) => Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
    for (const damaged of [
      Buffer.alloc(0),
      bytes.subarray(0, 20),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, bytes]),
      ...[0, 32, 40, bytes.length - 1].map(flipped),
    ]) {
      writeFileSync(file, damaged);
      const { figures, isTraced } = trained(stored);
      expect([isTraced, readFileSync(file).equals(bytes)]).toEqual([true, true]);
      expect(figures).toEqual(expected);
    }
  });

  it('is traced anew where TensorFlow refuses what is stored', () => {
    const stored = new StoredGraphs('build', folder);
    const expected = trained(stored).figures;
    const key = vi.spyOn(stored, 'find');
    const { isTraced } = trained(stored);
    expect(isTraced).toBe(false);
    const graph = key.mock.results[0]!.value;
    key.mockReturnValue({ ...graph, definition: Uint8Array.of(1, 2, 3) });
    expect(trained(stored)).toEqual({ figures: expected, isTraced: true });
  });

  it('makes room: what was used longest ago goes first, and what a kill has left', () => {
    const stored = new StoredGraphs('build', folder);
    trained(stored);
    const size = readFileSync(join(folder, files()[0]!)).length;
    const few = new StoredGraphs('build', folder, 4.5 * size);
    const left = join(folder, '.tmp-1-left');
    const writing = join(folder, '.tmp-2-writing');
    for (const file of [left, writing]) writeFileSync(file, 'x');
    utimesSync(left, new Date(0), new Date(0));
    const graphs = () => files().filter((name) => name.endsWith('.graph'));
    const [first] = graphs();
    for (const [i, key] of ['1', '2', '3'].entries()) {
      trained(few, key);
      // In the order of their making, whatever the clock's grain.
      for (const name of graphs()) if (name !== first) utimesSync(join(folder, name), 1e9 + i, 1e9 + i);
    }
    expect([existsSync(left), existsSync(writing)]).toEqual([false, true]);
    // It is used once more, so that another goes.
    utimesSync(join(folder, first!), 1, 1);
    expect(trained(stored).isTraced).toBe(false);
    trained(few, '4');
    expect(graphs().length).toBe(4);
    expect(trained(stored).isTraced).toBe(false);
    // One that is larger than a quarter of all the room is not kept.
    trained(new StoredGraphs('build', folder, 3.9 * size), '5');
    expect(trained(stored, '5').isTraced).toBe(true);
  });

  it('is traced each time where nothing can be kept', () => {
    const inTheWay = join(folder, 'file');
    writeFileSync(inTheWay, '');
    const stored = new StoredGraphs('build', join(inTheWay, 'graphs'));
    expect([trained(stored).isTraced, trained(stored).isTraced]).toEqual([true, true]);
    // From its source, which may change, lossnet keeps none.
    expect(storedGraphs()).toBeUndefined();
  });
});
