import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import type { Batch } from '../../../src/train/data/loader.js';
import type { Exchange } from '../../../src/train/engine/gradients.js';
import { createProgram, type Engine } from '../../../src/train/engine/index.js';
import { type LoopParts, trainEpoch } from '../../../src/train/loop.js';
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

describe.each<Engine>(['eager', 'graph'])('a step as one vector, engine %s', (engine) => {
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
    });
    expect(fallback).toBeNull();
    const loader = loaderOf(tinyDataset(RECORDS), { batchSize: 16 });
    const schedule = () => ({ lr: 0.1, momentum: null });
    const parts: LoopParts = {
      ...{ program, optimizer, loader, schedule, accumulate: 1, watchEvery: null, ...clip },
    };
    const values = () => model.parameters.flatMap((parameter) => [...parameter.values()]);
    const gradients = () => model.parameters.flatMap((parameter) => [...(parameter.gradient() ?? [])]);
    return { model, parts, program, optimizer, loader, values, gradients };
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
    expect(program.gradients.read([loss])).toBeNull();
    loss.backward();
    const flat = program.gradients.read([loss])!;
    const { total, divisor, sums } = loss.result();
    expect([...flat.subarray(layout.total)]).toEqual(
      [total, divisor, 16, sums.correct!, sums.counted!, 0, 0].map(Math.fround),
    );
    // Those of the sum, whatever the loss was divided by.
    const sum = gradients().map((value) => value * divisor);
    expectClose([...flat.subarray(0, size)], sum, 1e-6);
    optimizer.zeroGrad();
    expect(program.gradients.read([program.loss(batch)])).toBeNull();
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
        return program.gradients.read([own])!;
      });
      const sum = vectors[0]!.map((value, i) => value + vectors[1]![i]!);
      for (const { program, optimizer } of several) {
        const written = program.gradients.write(sum);
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
      return program.gradients.read([recorded])!;
    });
    const { layout } = none.program.gradients;
    expect([...vectors[1]!.subarray(layout.total)]).toEqual([0, 0, 16, 0, 0, 0, 0]);
    const sum = vectors[0]!.map((value, i) => value + vectors[1]![i]!);
    const written = none.program.gradients.write(sum);
    expect(written.loss).toBeCloseTo(all.program.loss(batch).result().loss, 6);
    // Of none at all there is no mean.
    expect(all.program.gradients.write(vectors[1]!)).toMatchObject({ loss: Number.NaN, isFinite: false });
    expect(all.gradients()).toEqual([]);
  });

  describe('in the loop', () => {
    const run = (process: Process, overrides: Partial<LoopParts>) => [
      ...trainEpoch({ ...process.parts, ...overrides }, 0, { batch: 0, step: 0 }),
    ];

    it.each([1, 2])('changes nothing when nothing is changed, %i batches for a step', (accumulate) => {
      const loss = { type: 'cross_entropy', weight: [0.2, 1, 3, 0.5] };
      const clip = { clipGradNorm: 0.1, clipGradValue: null };
      const [plain, same, twice] = [setUp(loss, clip), setUp(loss, clip), setUp(loss, clip)];
      const seen: number[] = [];
      const expected = run(plain, { accumulate, watchEvery: 1 });
      const exchanged = run(same, {
        ...{ accumulate, watchEvery: 1 },
        exchange: (flat, { samples }) => seen.push(flat[samples]!),
      });
      expect(seen).toEqual(accumulate === 1 ? [16, 16, 16] : [32, 16]);
      // A process that has the same batches.
      const double: Exchange = (flat) => flat.set(flat.map((value) => 2 * value));
      const doubled = run(twice, { accumulate, exchange: double });
      for (const [i, step] of exchanged.entries()) {
        const own = expected[i]!.batches;
        const sum = (key: 'total' | 'divisor') => own.reduce((all, batch) => all + batch[key], 0);
        const [written] = step.batches;
        expect(step.batches).toHaveLength(1);
        expect(written).toMatchObject({ size: seen[i], index: own.at(-1)!.index });
        expectClose([written!.total, written!.divisor], [sum('total'), sum('divisor')], 1e-6);
        expectClose([step.gradNorm!], [expected[i]!.gradNorm!], 1e-5);
        expect(step.layers).toHaveLength(2);
        expect(doubled[i]!.batches[0]!.size).toBe(2 * seen[i]!);
        expectClose([doubled[i]!.batches[0]!.loss], [written!.loss], 1e-6);
      }
      expectClose(same.values(), plain.values(), 1e-5);
      expectClose(twice.values(), plain.values(), 1e-5);
    });

    it('makes no step where another process has a loss that is not finite', () => {
      const process = setUp();
      const before = process.values();
      const steps = run(process, {
        exchange: (flat, { notFinite }) => {
          flat[notFinite]! += 1;
        },
      });
      expect(steps).toHaveLength(1);
      expect(steps[0]!.batches[0]!.loss).toBeNaN();
      expect(steps[0]!).toMatchObject({ gradNorm: null, diverged: { tensor: 'the loss itself' } });
      expect(process.values()).toEqual(before);
      expect(process.optimizer.stateDict().size).toBe(0);
      expect(process.gradients()).toEqual([]);
    });

    it('tells the others of a loss that is not finite, in whichever batch of the step', () => {
      const process = setUp();
      for (const parameter of process.model.parameters)
        parameter.load(new Float32Array(parameter.size).fill(Number.NaN));
      const seen: number[][] = [];
      const steps = run(process, {
        accumulate: 3,
        exchange: (flat, { gradients, notFinite, samples }) => {
          expect(flat.subarray(0, gradients).every((value) => value === 0)).toBe(true);
          seen.push([flat[notFinite]!, flat[samples]!]);
        },
      });
      // It broke off after the first of three.
      expect(seen).toEqual([[1, 16]]);
      expect(steps.map(({ diverged }) => diverged?.tensor)).toEqual(['parameter 0.weight']);
      expect(process.gradients()).toEqual([]);
    });

    it('passes on that training is to end', () => {
      const steps = run(setUp(), {
        exchange: (flat, { stop }) => {
          flat[stop] = 3;
        },
      });
      expect(steps.map(({ stop }) => stop)).toEqual([true, true, true]);
      expect(run(setUp(), {}).map(({ stop }) => stop)).toEqual([false, false, false]);
    });

    it('keeps no tensors', () => {
      const process = setUp();
      run(process, { exchange: () => {} });
      const before = tensorflow().memory().numTensors;
      run(process, { exchange: () => {} });
      expect(tensorflow().memory().numTensors).toBeLessThanOrEqual(before);
    });
  });

  it('is not written where it does not fit', () => {
    const { program, loader } = setUp();
    const [batch] = [...loader.epoch(0)];
    const { length } = program.gradients.layout;
    expect(() => program.gradients.write(new Float32Array(3))).toThrow(
      new RangeError(`3 values for a step of ${length}`),
    );
    const flat = new Float32Array(length).fill(1);
    flat[program.gradients.layout.notFinite] = 0;
    expect(() => program.gradients.write(flat)).toThrow('call backward() first');
    const losses = [program.loss(batch!, 1), program.loss(batch!, 2)];
    for (const of of [[], losses]) expect(() => program.gradients.read(of)).toThrow(RangeError);
  });
});
