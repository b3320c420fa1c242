import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import type { Batch } from '../../../src/train/data/loader.js';
import type { ValueOrder } from '../../../src/train/engine/gradients.js';
import { createProgram, type Engine } from '../../../src/train/engine/index.js';
import type { Loss } from '../../../src/train/engine/loss.js';
import type { Program } from '../../../src/train/engine/program.js';
import { createLoss } from '../../../src/train/loss/index.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import type { ClipOptions } from '../../../src/train/optim/clip.js';
import { createOptimizer } from '../../../src/train/optim/index.js';
import { expectClose } from '../../helpers/close.js';
import { loaderOf, tinyDataset } from '../../helpers/data.js';
import { type Block, layersOf, lossOf, optimizerOf } from '../../helpers/options.js';
import { classes } from '../../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const NO_CLIP: ClipOptions = { clipGradNorm: null, clipGradValue: null };
const RECORDS = 48;
const SIZES = { train: [16, 5, 11], evaluate: [] };

/** Each engine by parameters, in PyTorch's order; and the graph in one piece, as several processes train. */
const ENGINES: [Engine, ValueOrder][] = [
  ['eager', 'torch'],
  ['graph', 'torch'],
  ['graph', 'engine'],
];

describe.each(ENGINES)('a step as one vector, engine %s, in the order of %s', (engine, order) => {
  const read = ({ gradients }: Program, losses: Loss[]) => gradients.read(losses, order);

  function setUp(loss: Block = { type: 'cross_entropy' }, clip = NO_CLIP) {
    const model = Sequential.build({
      layers: layersOf(
        { type: 'conv2d', out_channels: 3, kernel_size: 3 },
        { type: 'tanh' },
        { type: 'flatten' },
        { type: 'linear', out_features: 4 },
      ),
      input: { kind: 'image', channels: 3, height: 8, width: 8 },
      outputs: 4,
      seed: 0,
    });
    model.initialize();
    const optimizer = createOptimizer(optimizerOf({ type: 'sgd', momentum: 0.9, lr: 0.1 }), model.parameters);
    const lossFunction = createLoss(lossOf(loss));
    const { program, fallback } = createProgram(engine, {
      ...{ model, optimizer, lossFunction, clip, sizes: SIZES, task: classes(4) },
      inVectors: order === 'engine',
    });
    expect(fallback).toBeNull();
    const loader = loaderOf(tinyDataset(RECORDS), { batchSize: 16 });
    const values = () =>
      model.parameters.flatMap((parameter) => [
        ...(order === 'torch' ? parameter.values() : parameter.data.dataSync()),
      ]);
    // Like `values` in the order of the vector.
    const gradients = () =>
      model.parameters.flatMap((parameter) => [
        ...((order === 'torch' ? parameter.gradient() : parameter.grad?.dataSync()) ?? []),
      ]);
    return { model, program, optimizer, loader, values, gradients };
  }
  type Process = ReturnType<typeof setUp>;

  /** Some images of a batch, as another process would have them. */
  function share({ inputs, targets, shape, ...batch }: Batch, first: number, size: number): Batch {
    const length = shape.reduce((product, each) => product * each, 1);
    return {
      ...{ epoch: batch.epoch, index: batch.index, size, shape },
      inputs: inputs.slice(first * length, (first + size) * length),
      targets: targets.slice(first, first + size),
    };
  }
  const shares = (batch: Batch) => [share(batch, 0, 5), share(batch, 5, 11)];
  const batchesOf = ({ loader }: Process) => [...loader.epoch(0)].map((batch) => share(batch, 0, batch.size));

  it('has everything at a named place', () => {
    const { program, optimizer, gradients, loader } = setUp({ type: 'cross_entropy', weight: [1, 2, 3, 4] });
    const { layout } = program.gradients;
    const size = 3 * 3 * 3 * 3 + 3 + 4 * 108 + 4;
    expect(layout).toEqual({
      ...{ gradients: size, total: size, divisor: size + 1, samples: size + 2 },
      ...{ sums: { correct: size + 3, counted: size + 4 }, notFinite: size + 5, stop: size + 6 },
      length: size + 7,
    });
    const batch = loader.epoch(0).next().value!;
    const loss = program.loss(batch);
    expect(read(program, [loss])).toBeNull();
    loss.backward();
    const flat = read(program, [loss])!;
    const { total, divisor, sums } = loss.result();
    expect([...flat.subarray(layout.total)]).toEqual(
      [total, divisor, 16, sums.correct!, sums.counted!, 0, 0].map(Math.fround),
    );
    // Those of the sum, whatever the loss was divided by.
    const sum = gradients().map((value) => value * divisor);
    expectClose([...flat.subarray(0, size)], sum, 1e-6);
    optimizer.zeroGrad();
    expect(read(program, [program.loss(batch)])).toBeNull();
  });

  it.each<[Block, ClipOptions]>([
    [{ type: 'cross_entropy' }, NO_CLIP],
    [{ type: 'cross_entropy', weight: [0.2, 1, 3, 0.5], ignore_index: 2 }, NO_CLIP],
    [
      { type: 'cross_entropy', label_smoothing: 0.1 },
      { clipGradNorm: 0.05, clipGradValue: null },
    ],
    [{ type: 'mse' }, { clipGradNorm: null, clipGradValue: 0.001 }],
    [
      { type: 'huber', reduction: 'sum' },
      { clipGradNorm: 0.5, clipGradValue: null },
    ],
  ])('adds up over processes to that of one: %j %j', (loss, clip) => {
    const one = setUp(loss, clip);
    const several = [setUp(loss, clip), setUp(loss, clip)];
    for (const batch of batchesOf(one)) {
      const whole = one.program.loss(batch);
      one.optimizer.zeroGrad();
      whole.backward();
      one.optimizer.clipGradients(clip);
      one.optimizer.step();

      const vectors = several.map(({ program, optimizer }, rank) => {
        const own = program.loss(shares(batch)[rank]!, 1);
        optimizer.zeroGrad();
        own.backward();
        return read(program, [own])!;
      });
      const sum = vectors[0]!.map((value, i) => value + vectors[1]![i]!);
      for (const { program, optimizer } of several) {
        const written = program.gradients.write(sum, order);
        const { total, divisor, sums } = whole.result();
        expect(written).toMatchObject({ samples: 16, sums, isFinite: true, stop: false });
        expectClose([written.loss, written.total, written.divisor], [whole.item(), total, divisor], 1e-6);
        optimizer.clipGradients(clip);
        optimizer.step();
        if (one.optimizer.gradNorm === null) expect(optimizer.gradNorm).toBeNull();
        else expectClose([optimizer.gradNorm!], [one.optimizer.gradNorm], 1e-5);
      }
    }
    for (const { values } of several) expectClose(values(), one.values(), 1e-5);
  });

  it('counts where nothing of this process does', () => {
    const loss = { type: 'cross_entropy', ignore_index: 1 };
    const [all, none] = [setUp(loss), setUp(loss)];
    const batch = batchesOf(all)[0]!;
    const targets = batch.targets.map(() => 1);
    const vectors = [batch, { ...batch, targets }].map((own, i) => {
      const { program } = [all, none][i]!;
      const recorded = program.loss(own, 1);
      recorded.backward();
      return read(program, [recorded])!;
    });
    const { layout } = none.program.gradients;
    expect([...vectors[1]!.subarray(layout.total)]).toEqual([0, 0, 16, 0, 0, 0, 0]);
    const sum = vectors[0]!.map((value, i) => value + vectors[1]![i]!);
    const written = none.program.gradients.write(sum, order);
    expect(written.loss).toBeCloseTo(all.program.loss(batch).result().loss, 6);
    // Of none at all there is no mean.
    expect(all.program.gradients.write(vectors[1]!, order)).toMatchObject({
      loss: Number.NaN,
      isFinite: false,
    });
    expect(all.gradients()).toEqual([]);
  });

  it('says of a loss that is not finite, in whichever batch of the step, and has no gradients then', () => {
    const process = setUp();
    for (const parameter of process.model.parameters)
      parameter.load(new Float32Array(parameter.size).fill(Number.NaN));
    const { program } = process;
    const loss = program.loss(batchesOf(process)[0]!, 1);
    loss.backward();
    const flat = read(program, [loss])!;
    const { gradients, notFinite, samples } = program.gradients.layout;
    expect(flat.subarray(0, gradients).every((value) => value === 0)).toBe(true);
    expect([flat[notFinite], flat[samples]]).toEqual([1, 16]);
    expect(process.gradients()).toEqual([]);
  });

  it('makes no step where another process has a loss that is not finite, and passes on that training is to end', () => {
    const process = setUp();
    const { program, optimizer } = process;
    const before = process.values();
    const loss = program.loss(batchesOf(process)[0]!, 1);
    loss.backward();
    const flat = read(program, [loss])!;
    const { notFinite, stop } = program.gradients.layout;
    expect(program.gradients.write(flat, order)).toMatchObject({ isFinite: true, stop: false });
    flat[notFinite]! += 1;
    flat[stop] = 3;
    expect(program.gradients.write(flat, order)).toMatchObject({
      loss: Number.NaN,
      isFinite: false,
      stop: true,
    });
    optimizer.clipGradients(NO_CLIP);
    optimizer.step();
    expect(process.values()).toEqual(before);
    expect(optimizer.stateDict().size).toBe(0);
    expect(process.gradients()).toEqual([]);
  });

  it('can be looked at, added to and clipped once it is written, with the step made after or not', () => {
    const clip = { clipGradNorm: 0.05, clipGradValue: null };
    const process = setUp({ type: 'cross_entropy' }, clip);
    const { program, optimizer } = process;
    const [first, second] = batchesOf(process);
    const backward = (batch: Batch) => {
      const loss = program.loss(batch, batch.size);
      loss.backward();
      return loss;
    };
    const own = read(program, [backward(first!)])!;
    const gradients = process.gradients();
    program.gradients.write(own, order);
    expectClose(process.gradients(), gradients, 1e-6);
    optimizer.zeroGrad();
    expect(process.gradients()).toEqual([]);
    program.gradients.write(read(program, [backward(first!)])!, order);
    const both = read(program, [backward(second!)])!;
    const { length } = gradients;
    expect([...both.subarray(0, length)]).not.toEqual([...own.subarray(0, length)]);
    const before = process.values();
    program.gradients.write(own, order);
    optimizer.clipGradients(clip);
    const norm = Math.hypot(...gradients);
    expectClose([optimizer.gradNorm!], [norm], 1e-5);
    expectClose(
      process.gradients(),
      gradients.map((value) => (value * 0.05) / norm),
      1e-5,
    );
    expect(process.values()).toEqual(before);
    optimizer.step();
    expectClose(
      process.values(),
      before.map((value, i) => value - (0.1 * 0.05 * gradients[i]!) / norm),
      1e-5,
    );
  });

  it('keeps no tensors', () => {
    const process = setUp();
    const { program, optimizer } = process;
    const steps = () => {
      for (const batch of batchesOf(process)) {
        optimizer.zeroGrad();
        const loss = program.loss(batch, 1);
        loss.backward();
        program.gradients.write(read(program, [loss])!, order);
        optimizer.step();
      }
      return tensorflow().memory().numTensors;
    };
    const before = steps();
    expect(steps()).toBeLessThanOrEqual(before);
  });

  it('is not written where it does not fit', () => {
    const { program, loader } = setUp();
    const [batch] = [...loader.epoch(0)];
    const { length } = program.gradients.layout;
    expect(() => program.gradients.write(new Float32Array(3), order)).toThrow(
      new RangeError(`3 values for a step of ${length}`),
    );
    const flat = new Float32Array(length).fill(1);
    flat[program.gradients.layout.notFinite] = 0;
    expect(() => program.gradients.write(flat, order)).toThrow('call backward() first');
    const losses = [program.loss(batch!, 1), program.loss(batch!, 2)];
    for (const of of [[], losses]) expect(() => read(program, of)).toThrow(RangeError);
  });
});
