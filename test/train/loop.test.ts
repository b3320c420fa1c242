import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../src/train/backend/tensorflow.js';
import { createProgram, type Engine } from '../../src/train/engine/index.js';
import { type LoopParts, trainEpoch } from '../../src/train/loop.js';
import { createLoss } from '../../src/train/loss/index.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { clipGradNorm, clipGradValue } from '../../src/train/optim/clip.js';
import { createOptimizer } from '../../src/train/optim/index.js';
import type { SgdOptions } from '../../src/train/optim/sgd.js';
import { expectClose } from '../helpers/close.js';
import { loaderOf, tinyDataset } from '../helpers/data.js';
import { CROSS_ENTROPY } from '../helpers/losses.js';
import { layersOf, optimizerOf } from '../helpers/options.js';
import { classes } from '../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const SGD = optimizerOf({ type: 'sgd', lr: 0.1, momentum: 0.9 }) as SgdOptions;
const LAYERS = layersOf(
  { type: 'conv2d', out_channels: 4, kernel_size: 3, padding: 1 },
  { type: 'relu' },
  { type: 'max_pool2d', kernel_size: 2 },
  { type: 'flatten' },
  { type: 'linear', out_features: 4 },
);

describe.each<Engine>(['eager', 'graph'])('engine %s', (engine) => {
  function setUp(
    overrides: Partial<LoopParts> = {},
    batchSize = 16,
    records = 48,
    loss = CROSS_ENTROPY,
    layers = LAYERS,
  ) {
    const model = Sequential.build({
      layers,
      input: { kind: 'image', channels: 3, height: 8, width: 8 },
      outputs: 4,
      seed: 0,
    });
    model.initialize();
    const optimizer = createOptimizer(SGD, model.parameters);
    const loader = loaderOf(tinyDataset(records), { batchSize });
    const clip = { clipGradNorm: null, clipGradValue: null, ...overrides };
    const sizes = { train: loader.sizes, evaluate: loader.sizes };
    const created = createProgram(engine, {
      model,
      optimizer,
      task: classes(4),
      lossFunction: createLoss(loss),
      clip,
      sizes,
      pixels: { scale: true, normalize: null },
    });
    expect(created.fallback).toBeNull();
    const parts: LoopParts = {
      program: created.program,
      optimizer,
      loader,
      schedule: () => ({ lr: 0.1, momentum: null }),
      accumulate: 1,
      watchEvery: null,
      ...clip,
    };
    const batch = () => parts.loader.epoch(0).next().value!;
    const values = () => model.parameters.map((parameter) => [...parameter.values()]);
    const gradients = () => model.parameters.map((parameter) => [...(parameter.gradient() ?? [])]);
    return { model, parts, batch, values, gradients };
  }

  describe('zeroGrad, backward, step', () => {
    it('has no gradients before backward, and one of its own shape for every parameter after', () => {
      const { model, parts, batch } = setUp();
      expect(model.parameters.map((parameter) => parameter.grad)).toEqual([null, null, null, null]);
      parts.program.loss(batch()).backward();
      for (const parameter of model.parameters) {
        expect(parameter.gradient()).toHaveLength(parameter.size);
        expect(parameter.gradient()!.some((value) => value !== 0)).toBe(true);
      }
    });

    it('adds up gradients over backwards when zeroGrad is left out', () => {
      const { parts, batch, gradients } = setUp();
      parts.program.loss(batch()).backward();
      const once = gradients();
      parts.program.loss(batch()).backward();
      const twice = gradients();
      expect(twice).toEqual(once.map((gradient) => gradient.map((value) => Math.fround(value + value))));
      parts.optimizer.zeroGrad();
      expect(gradients()).toEqual([[], [], [], []]);
      parts.program.loss(batch()).backward();
      expect(gradients()).toEqual(once);
    });

    it('changes no parameter in backward, and nothing but parameters and state in step', () => {
      const { parts, batch, values, gradients } = setUp();
      const before = values();
      parts.program.loss(batch()).backward();
      expect(values()).toEqual(before);
      expect(parts.optimizer.stateDict().size).toBe(0);

      const gradient = gradients();
      const fed = batch();
      const inputs = [...fed.inputs];
      parts.optimizer.step();
      expect(gradients()).toEqual(gradient);
      expect([...fed.inputs]).toEqual(inputs);
      expect(values()).not.toEqual(before);
      expect([...parts.optimizer.stateDict().keys()]).toEqual(['0.weight', '0.bias', '4.weight', '4.bias']);
    });

    it('hands out all gradients as one vector, and steps with those that are put back', () => {
      const { parts, batch, gradients, values } = setUp();
      const { program, optimizer } = parts;
      const loss = program.loss(batch(), 1);
      expect(program.gradients.read([loss])).toBeNull();
      loss.backward();
      const whole = program.gradients.read([loss])!;
      const flat = whole.subarray(0, program.gradients.layout.gradients);
      expect([...flat]).toEqual(gradients().flat());
      program.gradients.write(whole);
      expect(gradients().flat()).toEqual([...flat.map((value) => value / 16)]);
      program.gradients.write(whole.map((value, i) => (i < flat.length ? value / 2 : value)));
      expect(gradients().flat()).toEqual([...flat.map((value) => value / 32)]);

      const before = values().flat();
      optimizer.lr = 0.5;
      optimizer.step();
      // The first step of momentum follows the gradient alone.
      for (const [i, value] of values().flat().entries())
        expect(value).toBeCloseTo(before[i]! - flat[i]! / 64, 5);
    });

    it('clips gradients by the functions of the library too', () => {
      const { model, parts, batch, gradients } = setUp();
      parts.program.loss(batch()).backward();
      const norm = clipGradNorm(model.parameters, 0.01);
      expect(norm).toBeGreaterThan(0.01);
      expect(clipGradNorm(model.parameters, 0.01)).toBeCloseTo(0.01, 6);
      clipGradValue(model.parameters, 0.001);
      expect(Math.max(...gradients().flat().map(Math.abs))).toBeCloseTo(0.001, 8);
    });

    it('does nothing in step without gradients', () => {
      const { parts, values } = setUp();
      const before = values();
      parts.optimizer.step();
      expect(values()).toEqual(before);
    });

    it('runs the loss lazily: forward alone gives the same value and leaves no gradient', () => {
      const { model, parts, batch } = setUp();
      const alone = parts.program.loss(batch()).item();
      expect(model.parameters[0]!.grad).toBeNull();
      const loss = parts.program.loss(batch());
      loss.backward();
      expect(loss.item()).toBe(alone);
    });
  });

  describe('trainEpoch', () => {
    it('makes the same steps as the three calls by hand', () => {
      const looped = setUp();
      const losses = [...trainEpoch(looped.parts, 0, { batch: 0, step: 0 })].map(
        ({ batches }) => batches[0]!.loss,
      );

      const byHand = setUp();
      const { program, optimizer, loader } = byHand.parts;
      const expected: number[] = [];
      for (const batch of loader.epoch(0)) {
        const loss = program.loss(batch);
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        expected.push(loss.item());
      }
      expect(losses).toEqual(expected);
      expect(looped.values()).toEqual(byHand.values());
    });

    it.each([
      { reduction: 'mean', accumulate: 4, batchSize: 4, records: 48, steps: 3 },
      { reduction: 'mean', accumulate: 3, batchSize: 5, records: 48, steps: 4 },
      { reduction: 'mean', accumulate: 4, batchSize: 4, records: 50, steps: 4 },
      { reduction: 'sum', accumulate: 4, batchSize: 4, records: 48, steps: 3 },
      { reduction: 'sum', accumulate: 4, batchSize: 4, records: 50, steps: 4 },
    ] as const)('accumulates $accumulate batches of $batchSize into one large step: $reduction', (c) => {
      // A sum of sixteenths is about the mean of 16 images: steps of the usual size.
      const weight = c.reduction === 'sum' ? Array<number>(4).fill(1 / 16) : null;
      const loss = { ...CROSS_ENTROPY, weight, reduction: c.reduction };
      const small = setUp({ accumulate: c.accumulate }, c.batchSize, c.records, loss);
      const large = setUp({}, c.batchSize * c.accumulate, c.records, loss);
      const steps = [...trainEpoch(small.parts, 0, { batch: 0, step: 0 })];
      expect(steps).toHaveLength(c.steps);
      expect([...trainEpoch(large.parts, 0, { batch: 0, step: 0 })]).toHaveLength(c.steps);
      for (const [i, values] of small.values().entries()) expectClose(values, large.values()[i]!, 1e-5);
    });

    it.each([
      { weight: [0.2, 1, 3, 0.5], ignoreIndex: -100 },
      { weight: null, ignoreIndex: 1 },
      { weight: [0, 2, 1, 5], ignoreIndex: 3, labelSmoothing: 0.1 },
    ])('accumulates batches of which parts count: %j', (options) => {
      const loss = { ...CROSS_ENTROPY, ...options };
      const small = setUp({ accumulate: 16 }, 1, 50, loss);
      const large = setUp({}, 16, 50, loss);
      const steps = [...trainEpoch(small.parts, 0, { batch: 0, step: 0 })];
      expect([...trainEpoch(large.parts, 0, { batch: 0, step: 0 })]).toHaveLength(steps.length);
      for (const [i, values] of small.values().entries()) {
        for (const [j, value] of values.entries()) expect(value).toBeCloseTo(large.values()[i]![j]!, 5);
      }
    });

    it('stops at a step in which nothing counts, and makes none', () => {
      const none = { ...CROSS_ENTROPY, weight: [0, 0, 0, 0] };
      const { parts, values } = setUp({ accumulate: 2 }, 4, 48, none);
      const before = values();
      const steps = [...trainEpoch(parts, 0, { batch: 0, step: 0 })];
      expect(steps).toHaveLength(1);
      expect(steps[0]!.diverged).toEqual({ tensor: 'the loss itself', kind: 'computation' });
      expect(values()).toEqual(before);
    });

    it('asks the schedule for each step, counted from 0', () => {
      const asked: unknown[] = [];
      const { parts } = setUp({
        schedule: (position, history) => {
          asked.push({ ...position, history });
          return { lr: 0.5 / (position.step + 1), momentum: null };
        },
      });
      const lrs = [...trainEpoch(parts, 2, { batch: 0, step: 6, history: [0.4, 0.3] })].map(({ lr }) => lr);
      expect(asked).toEqual([6, 7, 8].map((step) => ({ epoch: 2, step, history: [0.4, 0.3] })));
      expect(lrs).toEqual([0.5 / 7, 0.5 / 8, 0.5 / 9]);
      expect(parts.optimizer.momentum).toBe(SGD.momentum);
    });

    it('takes the momentum from the schedule too, before the step', () => {
      const used: unknown[] = [];
      const { parts } = setUp({
        schedule: ({ step }) => ({ lr: 0.1, momentum: 0.9 - step / 10 }),
      });
      const step = parts.optimizer.step.bind(parts.optimizer);
      parts.optimizer.step = () => {
        used.push(parts.optimizer.momentum);
        step();
      };
      for (const _ of trainEpoch(parts, 0, { batch: 0, step: 0 }));
      expect(used).toEqual([0.9, 0.9 - 1 / 10, 0.9 - 2 / 10]);
    });

    it('goes on within an epoch where it is told to', () => {
      const whole = setUp();
      const all = [...trainEpoch(whole.parts, 0, { batch: 0, step: 0 })];
      const parts = setUp();
      const first = trainEpoch(parts.parts, 0, { batch: 0, step: 0 }).next().value!;
      const rest = [...trainEpoch(parts.parts, 0, { batch: 1, step: 1 })];
      expect([first, ...rest]).toEqual(all);
    });

    it('stops at a loss that is not finite, names the first such tensor and makes no step', () => {
      const { model, parts, values } = setUp();
      const poisoned = model.parameters[2]!;
      poisoned.load(poisoned.values().fill(Number.NaN, 3, 4));
      const before = values();
      const steps = [...trainEpoch(parts, 0, { batch: 0, step: 0 })];
      expect(steps).toHaveLength(1);
      expect(steps[0]!.diverged).toEqual({ tensor: 'parameter 4.weight', kind: 'state' });
      expect(values()).toEqual(before);
    });

    it('names the layer whose output overflows first', () => {
      const { model, parts } = setUp();
      for (const parameter of [model.parameters[0]!, model.parameters[2]!]) {
        parameter.load(parameter.values().fill(1e30));
      }
      const [step] = [...trainEpoch(parts, 0, { batch: 0, step: 0 })];
      expect(step!.diverged).toEqual({ tensor: 'the output of layer 4 (linear)', kind: 'computation' });
    });

    it('keeps no tensors: as many after 60 steps as after 2', () => {
      const { parts } = setUp({ clipGradNorm: 0.5, accumulate: 2 }, 4);
      const count = (epochs: number) => {
        for (let epoch = 0; epoch < epochs; epoch++)
          for (const _ of trainEpoch(parts, epoch, { batch: 0, step: 0 }));
        return tensorflow().memory().numTensors;
      };
      const early = count(1);
      expect(count(10)).toBe(early);
    });
  });

  describe('running statistics', () => {
    const layers = layersOf(
      { type: 'batch_norm2d' },
      { type: 'flatten' },
      { type: 'linear', out_features: 4 },
    );
    const normalizing = () => setUp({}, 16, 48, CROSS_ENTROPY, layers);
    const buffers = ({ model }: ReturnType<typeof normalizing>) =>
      model.state
        .filter((tensor) => !model.parameters.includes(tensor))
        .map((tensor) => [...tensor.values()]);

    it('move once with each training batch, however often its loss is asked for', () => {
      const once = normalizing();
      once.parts.program.loss(once.batch()).backward();
      const often = normalizing();
      const loss = often.parts.program.loss(often.batch());
      const before = loss.item();
      loss.backward();
      expect(loss.item()).toBe(before);
      expect(buffers(often)).toEqual(buffers(once));
      expect(buffers(often).at(-1)).toEqual([1]);
    });

    it('stay in evaluation, which uses them', () => {
      const run = normalizing();
      const fresh = run.parts.program.evaluate(run.batch()).loss;
      expect(buffers(run).at(-1)).toEqual([0]);
      for (const _ of trainEpoch({ ...run.parts, schedule: () => ({ lr: 0, momentum: null }) }, 0, {
        batch: 0,
        step: 0,
      }));
      expect(buffers(run).at(-1)).toEqual([3]);
      expect(run.parts.program.evaluate(run.batch()).loss).not.toBe(fresh);
    });
  });

  describe('what a step does to each layer', () => {
    const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));

    it('is what its weights and gradients say, for the steps that are watched', () => {
      const { parts, values, gradients } = setUp({ watchEvery: 2 });
      let before = values();
      const watched: number[] = [];
      for (const step of trainEpoch(parts, 0, { batch: 0, step: 0 })) {
        const after = values();
        if (step.layers) {
          watched.push(step.batches[0]!.index);
          const grads = gradients();
          const layer = (name: string, at: readonly number[]) => ({
            layer: name,
            gradNorm: expect.closeTo(norm(at.flatMap((i) => grads[i]!)), 5),
            weightNorm: expect.closeTo(norm(at.flatMap((i) => after[i]!)), 5),
            updateRatio: expect.closeTo(
              norm(at.flatMap((i) => after[i]!.map((value, k) => value - before[i]![k]!))) /
                norm(at.flatMap((i) => before[i]!)),
              5,
            ),
          });
          expect(step.layers).toEqual([layer('0', [0, 1]), layer('4', [2, 3])]);
        }
        before = after;
      }
      expect(watched).toEqual([1]);
    });

    it('changes nothing of the training, clipped and accumulated or not, and leaves no tensors behind', () => {
      const train = (overrides: Partial<LoopParts>) => {
        const { parts, values } = setUp({ accumulate: 2, clipGradNorm: 0.1, ...overrides });
        const losses = () =>
          [...trainEpoch(parts, 0, { batch: 0, step: 0 })].flatMap(({ batches }) =>
            batches.map(({ loss }) => loss),
          );
        const first = losses();
        const { numTensors } = tensorflow().memory();
        const second = losses();
        expect(tensorflow().memory().numTensors).toBe(numTensors);
        return [first, second, values()];
      };
      expect(train({ watchEvery: 1 })).toEqual(train({ watchEvery: null }));
    });
  });
});
