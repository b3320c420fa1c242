import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type Tensor, tensorflow } from '../../../../src/train/backend/tensorflow.js';
import { GraphProgram } from '../../../../src/train/engine/graph/program.js';
import { createProgram } from '../../../../src/train/engine/index.js';
import { createLoss } from '../../../../src/train/loss/index.js';
import type { Layer } from '../../../../src/train/model/layer.js';
import { Sequential } from '../../../../src/train/model/sequential.js';
import { createOptimizer } from '../../../../src/train/optim/index.js';
import { loaderOf, tinyDataset } from '../../../helpers/data.js';
import { numbers } from '../../../helpers/numbers.js';
import { layersOf, lossOf, optimizerOf } from '../../../helpers/options.js';
import { classes } from '../../../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const batchesOf = (size: number) => loaderOf(tinyDataset(48), { batchSize: size });
const firstBatch = (size: number) => batchesOf(size).epoch(0).next().value!;

/** A model whose second layer does what `forward` does. */
function partsWith(forward?: Layer['forward']) {
  const model = Sequential.build({
    layers: layersOf(
      { type: 'batch_norm2d' },
      { type: 'relu' },
      { type: 'flatten' },
      { type: 'linear', out_features: 4 },
    ),
    input: { kind: 'image', channels: 3, height: 8, width: 8 },
    outputs: 4,
    seed: 0,
  });
  model.initialize();
  if (forward) Object.assign(model.layers[1]!, { forward });
  const optimizer = createOptimizer(optimizerOf({ type: 'adam', lr: 0.01 }), model.parameters);
  const lossFunction = createLoss(lossOf({ type: 'cross_entropy' }));
  return {
    model,
    optimizer,
    task: classes(4),
    lossFunction,
    clip: { clipGradNorm: null, clipGradValue: null },
    pixels: null,
    lanes: 1,
  };
}

const SIZES = { train: [16], evaluate: [16] };

describe('what a graph cannot hold is an error that names the layer', () => {
  const tf = tensorflow;
  it.each<[string, (x: Tensor) => Tensor, string]>([
    ['a value read back', (x) => tf().mul(x, tf().sum(x).dataSync()[0]!), 'layer 1 reads a value back'],
    [
      'random numbers of JavaScript',
      (x) => tf().mul(x, tf().randomUniform(x.shape)),
      'layer 1 draws random numbers',
    ],
  ])('%s', (_, forward, message) => {
    expect(() => new GraphProgram(partsWith(forward), SIZES)).toThrow(message);
  });

  it('is run by the eager engine instead, which says why', () => {
    const parts = partsWith((x) => tensorflow().mul(x, tensorflow().sum(x).dataSync()[0]! * 0 + 1));
    const created = createProgram('graph', {
      ...parts,
      pixels: { scale: true, normalize: null },
      sizes: SIZES,
    });
    expect(created.engine).toBe('eager');
    expect(created.fallback).toContain('layer 1 reads a value back');
    expect(Number.isFinite(created.program.loss(firstBatch(16)).item())).toBe(true);
  });
});

describe('a compiled program', () => {
  it('takes batches of sizes it was not compiled for, and loses nothing over it', () => {
    const known = partsWith();
    const grows = partsWith();
    const one = new GraphProgram(known, { train: [16, 8], evaluate: [16, 8] });
    const two = new GraphProgram(grows, { train: [16], evaluate: [] });
    const run = (program: GraphProgram, { optimizer }: typeof known) => {
      const losses = [16, 8, 16].map((size) => {
        const loss = program.loss(firstBatch(size));
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss.item();
      });
      return [...losses, program.evaluate(firstBatch(8)).loss];
    };
    expect(run(two, grows)).toEqual(run(one, known));
    const values = (parts: typeof known) => parts.model.state.map((tensor) => [...tensor.values()]);
    expect(values(grows)).toEqual(values(known));
    expect(grows.optimizer.stateDict()).toEqual(known.optimizer.stateDict());
  });

  it('takes over the gradients that are added to, and needs none before the first', () => {
    const gradients = (train: number[]) => {
      const { model, ...parts } = partsWith();
      const program = new GraphProgram({ model, ...parts }, { train, evaluate: [] });
      return [8, 16, 4].map((size) => {
        program.loss(firstBatch(size)).backward();
        return model.parameters.map((parameter) => parameter.gradient());
      });
    };
    expect(gradients([])).toEqual(gradients([4, 8, 16]));
  });

  it('reads what was written before anything ran, and after a step what the step made of it', () => {
    const { model, ...parts } = partsWith();
    const program = new GraphProgram({ model, ...parts }, SIZES);
    const values = () => model.state.map((tensor) => [...tensor.values()]);
    const written = model.state.map(({ size, dtype }, i) =>
      dtype === 'int32' ? new Int32Array(size).fill(i) : numbers(`${i}`, size),
    );
    for (const [i, tensor] of model.state.entries()) tensor.load(written[i]!);
    const before = written.map((each) => [...each]);
    expect(values()).toEqual(before);
    program.evaluate(firstBatch(16));
    expect(values()).toEqual(before);
    program.loss(firstBatch(16)).backward();
    parts.optimizer.step();
    for (const [i, after] of values().entries()) expect(after).not.toEqual(before[i]);
    const { tensors } = parts.optimizer.stateDict().get('0.weight')!;
    expect(tensors.get('exp_avg')!.some((value) => value !== 0)).toBe(true);
    program.dispose();
  });
});
