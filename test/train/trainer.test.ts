import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LossnetError } from '../../src/base/errors.js';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import { CheckpointStore } from '../../src/train/checkpoint.js';
import { createProgram, type Engine } from '../../src/train/engine/index.js';
import { evaluate } from '../../src/train/evaluate.js';
import type { EndEvent, EpochEvent, TrainEvent } from '../../src/train/events.js';
import { createLoss } from '../../src/train/loss/index.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { loadWeights } from '../../src/train/model/weights.js';
import { createOptimizer } from '../../src/train/optim/index.js';
import { LoneGroup } from '../../src/train/parallel/group.js';
import { Ranks } from '../../src/train/parallel/ranks.js';
import { newProgress } from '../../src/train/progress.js';
import { decodeSafetensors, encodeSafetensors } from '../../src/train/safetensors.js';
import { createSchedule } from '../../src/train/schedule/index.js';
import { Trainer, type TrainerOptions } from '../../src/train/trainer.js';
import { loaderOf, NO_TRANSFORMS, tinyDataset } from '../helpers/data.js';
import { CROSS_ENTROPY } from '../helpers/losses.js';
import { expectWithin } from '../helpers/margin.js';
import { layersOf, optimizerOf } from '../helpers/options.js';
import { classes } from '../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const LAYERS = layersOf(
  { type: 'conv2d', out_channels: 4, kernel_size: 3, padding: 1 },
  { type: 'relu' },
  { type: 'flatten' },
  { type: 'dropout', p: 0.3 },
  { type: 'linear', out_features: 4 },
);
const DATA = tinyDataset(44);
const OPTIONS: Omit<TrainerOptions, 'lr'> = {
  epochs: 3,
  earlyStopping: null,
  maxTime: null,
  evaluateEvery: 1,
  checkpointEverySteps: null,
  monitor: 'eval_loss',
  scheduleMonitor: null,
  diagnosis: { usualLr: 0.01, isScheduled: false, isNoisy: false },
};
/** The length of the runs, for schedules. */
const TOTAL = { epoch: 3, step: 9 };

const newFolder = () => mkdtempSync(join(tmpdir(), 'lossnet-trainer-'));

describe.each<Engine>(['graph', 'eager'])('engine %s', (engine) => {
  /** A run with everything on that could break an exact resume. */
  function setUp(
    folder: string | null,
    options: Partial<TrainerOptions> = {},
    lr = 0.01,
    dataHash = 'same',
    loss = CROSS_ENTROPY,
  ) {
    const model = Sequential.build({
      layers: LAYERS,
      input: { kind: 'image', channels: 3, height: 8, width: 8 },
      outputs: 4,
      seed: 1,
    });
    model.initialize();
    const transforms = { ...NO_TRANSFORMS, randomCrop: { padding: 1 }, randomFlip: { p: 0.5 } };
    const loader = loaderOf(DATA, { batchSize: 8, shuffle: true, seed: 1, transforms });
    const optimizer = createOptimizer(
      optimizerOf({ type: 'adam', lr, weight_decay: 0.01 }),
      model.parameters,
    );
    const clip = { clipGradNorm: 1, clipGradValue: null };
    const evalLoader = loaderOf(DATA, { batchSize: 10 });
    const sizes = { train: loader.sizes, evaluate: evalLoader.sizes };
    const lossFunction = createLoss(loss);
    const task = classes(4);
    const { program } = createProgram(engine, { model, task, optimizer, lossFunction, clip, sizes });
    const parts = {
      program,
      optimizer,
      loader,
      evalLoader,
      schedule: createSchedule(
        { type: 'cosine', tMax: null, etaMin: 0, interval: 'step', warmup: null },
        lr,
        TOTAL,
      ).at,
      accumulate: 2,
      watchEvery: null,
      ...clip,
      testLoader: null,
      checkpoints:
        folder === null
          ? null
          : new CheckpointStore(folder, model.state, optimizer, task, { data: dataHash }),
    };
    const stop = new AbortController();
    const trainer = (progress = newProgress(task)) =>
      new Trainer(parts, { ...OPTIONS, lr, ...options }, progress, stop.signal);
    return { model, parts, trainer, stop };
  }

  /** The events without the wall times, which differ from run to run, and without where they were saved. */
  function figures(events: Iterable<TrainEvent>): object[] {
    return [...events].flatMap((event) => {
      if (event.type === 'saving' || event.type === 'checkpoint' || event.type === 'end') return [];
      const { trainSeconds, evalSeconds, samplesPerSecond, ...rest } = event as EpochEvent;
      return [rest];
    });
  }

  const files = (folder: string) =>
    Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
    );

  describe('a run', () => {
    it('yields steps, evaluations and epochs in order, and ends', () => {
      const types = [...setUp(null).trainer().run()].map(({ type }) => type);
      const epoch = ['step', 'step', 'step', ...Array<string>(5).fill('evaluation'), 'epoch'];
      expect(types).toEqual([...epoch, ...epoch, ...epoch, 'end']);
    });

    it('sums batch losses as the tutorial does, and averages over images for the mean', () => {
      const { parts, trainer } = setUp(null, { epochs: 1 });
      const losses: { loss: number; size: number }[] = [];
      const program = parts.program;
      const record = program.loss.bind(program);
      program.loss = (batch, divisor) => {
        const loss = record(batch, divisor);
        const backward = loss.backward.bind(loss);
        loss.backward = () => {
          backward();
          losses.push({ loss: loss.result().loss, size: batch.size });
        };
        return loss;
      };
      const epoch = [...trainer().run()].find((event) => event.type === 'epoch') as EpochEvent;
      expect(losses.map(({ size }) => size)).toEqual([8, 8, 8, 8, 8, 4]);
      expect(epoch.runningLoss).toBe(losses.reduce((sum, { loss }) => sum + loss, 0));
      const mean = losses.reduce((sum, { loss, size }) => sum + loss * size, 0) / 44;
      expect(epoch.trainLoss / mean).toBeCloseTo(1, 6);
    });

    it('shows the same means per image whatever the loss reduces to, and the loss itself at each step', () => {
      const [mean, sum] = (['mean', 'sum'] as const).map((reduction) => {
        const { trainer } = setUp(null, { epochs: 1 }, 0, 'same', { ...CROSS_ENTROPY, reduction });
        const events = [...trainer().run()];
        const steps = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
        return { steps, epoch: events.find((event) => event.type === 'epoch') as EpochEvent };
      });
      const same = (one: number, other: number, what: string) =>
        expectWithin(Math.abs(one / other - 1), 5e-7, what);
      same(sum!.epoch.trainLoss, mean!.epoch.trainLoss, 'train loss');
      same(sum!.epoch.evalLoss!, mean!.epoch.evalLoss!, 'eval loss');
      for (const [i, images] of [16, 16, 12].entries())
        same(sum!.steps[i]!, mean!.steps[i]! * images, `step ${i}`);
      same(sum!.epoch.runningLoss, sum!.epoch.trainLoss * 44, 'running loss');
    });

    it('is the same every time', () => {
      expect(figures(setUp(null).trainer().run())).toEqual(figures(setUp(null).trainer().run()));
    });

    it('evaluates every so many epochs and after the last', () => {
      const epochs = [...setUp(null, { evaluateEvery: 2 }).trainer().run()].filter(
        (event) => event.type === 'epoch',
      );
      expect(epochs.map((event) => event.type === 'epoch' && event.evalLoss !== null)).toEqual([
        false,
        true,
        true,
      ]);
    });

    it('ends at a loss that is not finite, without saving it', () => {
      const folder = newFolder();
      const events = [...setUp(folder, {}, 1e38).trainer().run()];
      const diverged = events.find((event) => event.type === 'diverged');
      expect(diverged).toMatchObject({ epoch: 1, cause: 'steps', suggestedLr: 0.01 });
      expect(events.at(-1)).toMatchObject({ type: 'end', status: 'diverged' });
      expect(readdirSync(folder)).toEqual([]);
    });

    it.each([
      {
        why: 'nothing counts in a step',
        loss: { ...CROSS_ENTROPY, weight: [0, 0, 0, 0] },
        spoil: () => {},
        found: { phase: 'training', step: 1, cause: 'nothing_counts' },
      },
      {
        why: 'the first weights are too large',
        loss: CROSS_ENTROPY,
        spoil: ({ model }: ReturnType<typeof setUp>) => {
          for (const parameter of model.parameters)
            parameter.load(new Float32Array(parameter.size).fill(1e30));
        },
        found: { phase: 'training', step: 1, cause: 'first_weights' },
      },
    ])('blames no learning rate where $why', ({ loss, spoil, found }) => {
      const run = setUp(null, {}, 0.01, 'same', loss);
      spoil(run);
      const events = [...run.trainer().run()];
      expect(events.map(({ type }) => type)).toEqual(['diverged', 'end']);
      expect(events[0]).toMatchObject({ ...found, suggestedLr: null });
      expect(events[1]).toMatchObject({ diagnosis: { kind: 'diverged', suggestedLr: null } });
    });
  });

  describe('a schedule that follows a figure', () => {
    const PLATEAU = {
      type: 'reduce_on_plateau',
      monitor: 'eval_loss',
      factor: 0.5,
      patience: 0,
      // So far apart that nothing but the first figure is ever better.
      threshold: 100,
      thresholdMode: 'abs',
      cooldown: 0,
      minLr: 0,
      eps: 0,
      warmup: null,
    } as const;
    const following = (folder: string | null, options: Partial<TrainerOptions> = {}) => {
      const run = setUp(folder, { scheduleMonitor: 'eval_loss', ...options });
      run.parts.schedule = createSchedule(PLATEAU, 0.01, TOTAL).at;
      return run;
    };
    const lrs = (events: TrainEvent[]) =>
      events.flatMap((event) => (event.type === 'step' ? [event.lr] : []));

    it.each([2, 9, 10, 12, 18, 20, 27])('goes on with the same lrs after a stop at event %i', (stopAt) => {
      const folder = newFolder();
      const first = following(folder);
      const events: TrainEvent[] = [];
      for (const event of first.trainer().run()) {
        events.push(event);
        if (events.filter(({ type }) => type !== 'checkpoint' && type !== 'saving').length === stopAt)
          first.stop.abort();
      }
      const second = following(folder);
      events.push(...second.trainer(second.parts.checkpoints!.load()!).run());
      expect(lrs(events)).toEqual([0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.005, 0.005, 0.005]);
    });

    it.each([
      { options: {}, known: ['evalLoss', 'evalLoss', 'evalLoss'] },
      { options: { evaluateEvery: 2 }, known: [null, 'evalLoss', 'evalLoss'] },
      {
        options: { scheduleMonitor: 'eval_accuracy' },
        known: ['accuracy', 'accuracy', 'accuracy'],
      },
      {
        options: { evaluateEvery: 2, scheduleMonitor: 'train_loss' },
        known: ['trainLoss', 'trainLoss', 'trainLoss'],
      },
      { options: { scheduleMonitor: null }, known: [null, null, null] },
    ] as const)('is told each figure when it is known: $options', ({ options, known }) => {
      const trainer = following(null, options).trainer();
      const epochs = [...trainer.run()].filter((event) => event.type === 'epoch');
      const figureOf = (epoch: EpochEvent, name: 'evalLoss' | 'trainLoss' | 'accuracy') =>
        name === 'accuracy' ? epoch.eval!.accuracy : epoch[name];
      const figures = epochs.flatMap((epoch, i) => (known[i] ? [figureOf(epoch, known[i])] : []));
      expect(trainer.progress.history).toEqual(figures);
    });
  });

  describe('a run whose steps several processes share', () => {
    it('ends after the step that says so, and not because it alone was told to', async () => {
      const run = setUp(newFolder());
      const { program } = run.parts;
      let steps = 0;
      class Others extends LoneGroup {
        override async addParts(parts: Float32Array, length: number): Promise<Float32Array> {
          const sum = await super.addParts(parts, length);
          steps += 1;
          // Told already: the others are to hear of it first.
          run.stop.abort();
          sum[program.gradients.layout.stop] = steps === 5 ? 1 : 0;
          return sum;
        }
      }
      const share = { rank: 0, size: 1, parts: 2 };
      const ranks = new Ranks(new Others(), share, true, { ...run.parts, model: run.model }, run.stop.signal);
      Object.assign(run.parts, { evalLoader: null, ranks });
      const events: TrainEvent[] = [];
      for await (const event of run.trainer().runTogether()) events.push(event);
      expect(events.filter(({ type }) => type === 'step')).toHaveLength(5);
      expect(events.at(-1)).toMatchObject({ type: 'end', status: 'interrupted', epoch: 1, step: 5 });
      expect(run.parts.checkpoints!.load()).toMatchObject({ epoch: 1, batch: 4, step: 5 });
    });
  });

  describe('samples that are left for the end', () => {
    const TEST = tinyDataset(24);
    /** One whose loss rises again: the best epoch is not the last. */
    const tested = (folder: string | null) => {
      const run = untested(folder);
      Object.assign(run.parts, { testLoader: loaderOf(TEST, { batchSize: 10 }) });
      return run;
    };
    const untested = (folder: string | null) => {
      const run = setUp(folder);
      const growing = { type: 'exponential', gamma: 30, interval: 'epoch', warmup: null } as const;
      run.parts.schedule = createSchedule(growing, 0.01, TOTAL).at;
      return run;
    };

    it('are looked at once, with the weights of the best epoch', () => {
      const folder = newFolder();
      const events = [...tested(folder).trainer().run()];
      const end = events.at(-1) as EndEvent;
      const looks = events.flatMap((event) => (event.type === 'evaluation' ? [event.part] : []));
      expect(looks).toEqual([...Array<string>(15).fill('eval'), 'test', 'test', 'test']);
      expect(end.best!.epoch).toBeLessThan(3);
      expect(end.test!.epoch).toBe(end.best!.epoch);

      const { model, parts } = tested(null);
      loadWeights(model.state, join(folder, 'best.safetensors'));
      const evaluation = evaluate(parts.program, loaderOf(TEST, { batchSize: 10 }));
      let next = evaluation.next();
      while (!next.done) next = evaluation.next();
      expect(end.test).toEqual({
        epoch: end.best!.epoch,
        loss: next.value.loss,
        metrics: next.value.metrics,
      });
    });

    it('change no checkpoint and no figure of an epoch', () => {
      const [with_, without] = [newFolder(), newFolder()];
      const events = [...tested(with_).trainer().run()];
      const others = [...untested(without).trainer().run()];
      const ofEpochs = (list: TrainEvent[]) =>
        figures(list.filter((event) => !(event.type === 'evaluation' && event.part === 'test')));
      expect(ofEpochs(events)).toEqual(ofEpochs(others));
      expect(files(with_)).toEqual(files(without));
    });

    it('are looked at again by a run that was interrupted then, with the same outcome', () => {
      const folder = newFolder();
      const expected = [...tested(newFolder()).trainer().run()].at(-1);
      const first = tested(folder);
      let end: TrainEvent | undefined;
      for (const event of first.trainer().run()) {
        if (event.type === 'evaluation' && event.part === 'test') first.stop.abort();
        end = event;
      }
      expect(end).toMatchObject({ status: 'interrupted', epoch: 3, test: null });
      const second = tested(folder);
      const events = [...second.trainer(second.parts.checkpoints!.load()!).run()];
      expect(events.map(({ type }) => type)).toEqual(['evaluation', 'evaluation', 'evaluation', 'end']);
      expect(events.at(-1)).toEqual(expected);
    });

    it('are looked at with the last weights where none were kept, and it is said', () => {
      const end = [...tested(null).trainer().run()].at(-1) as EndEvent;
      expect(end.test!.epoch).toBe(3);
    });
  });

  describe('parameters that are not finite', () => {
    it('are never saved: the run has diverged, though its last loss was a number', () => {
      const folder = newFolder();
      const { parts, trainer } = setUp(folder, { epochs: 1, evaluateEvery: 0, monitor: 'train_loss' });
      const step = parts.optimizer.step.bind(parts.optimizer);
      let steps = 0;
      parts.optimizer.step = () => {
        step();
        steps += 1;
        if (steps === 3)
          parts.optimizer.parameters[1]!.load(new Float32Array(4).fill(Number.POSITIVE_INFINITY));
      };
      const events = [...trainer().run()];
      expect(events.at(-2)).toMatchObject({
        type: 'diverged',
        phase: 'saving',
        step: 3,
        tensor: 'parameter 0.bias',
      });
      expect(events.at(-1)).toMatchObject({ type: 'end', status: 'diverged' });
      expect(readdirSync(folder)).toEqual([]);
    });
  });

  describe('resume', () => {
    const whole = newFolder();
    let expected: object[];

    beforeAll(() => {
      expected = figures(setUp(whole).trainer().run());
    });

    // Between two steps of an epoch, at its last step, within its evaluation, at the very end.
    it.each([1, 2, 3, 5, 8, 9, 10, 13, 20, 27])('after a stop at event %i gives the same bytes', (stopAt) => {
      const folder = newFolder();
      const events: TrainEvent[] = [];
      const first = setUp(folder);
      for (const event of first.trainer().run()) {
        events.push(event);
        if (events.filter(({ type }) => type !== 'checkpoint' && type !== 'saving').length === stopAt)
          first.stop.abort();
      }
      const second = setUp(folder);
      const progress = second.parts.checkpoints!.load()!;
      events.push(...second.trainer(progress).run());
      // Evaluation that was interrupted is repeated: the same figures, but its progress shows twice.
      const withoutProgress = (list: object[]) =>
        list.filter((event) => (event as TrainEvent).type !== 'evaluation');
      expect(withoutProgress(figures(events))).toEqual(withoutProgress(expected));
      expect(files(folder)).toEqual(files(whole));
    });

    it('finds nothing to resume where nothing was saved', () => {
      expect(setUp(newFolder()).parts.checkpoints!.load()).toBeNull();
    });

    it('refuses other data', () => {
      const folder = newFolder();
      for (const _ of setUp(folder, { epochs: 1 }).trainer().run());
      expect(() => setUp(folder, {}, 0.01, 'other').parts.checkpoints!.load()).toThrow(
        'it was trained on something else:\n  data: same when saved, other now',
      );
    });

    it('refuses a checkpoint that was cut short, and sweeps what a killed process left', () => {
      const folder = newFolder();
      for (const _ of setUp(folder, { epochs: 1 }).trainer().run());
      writeFileSync(join(folder, '.tmp-999-resume.safetensors'), 'half');
      const { checkpoints } = setUp(folder).parts;
      expect(checkpoints!.load()).toMatchObject({ epoch: 1, step: 3 });
      expect(readdirSync(folder).sort()).toEqual([
        'best.safetensors',
        'last.safetensors',
        'resume.safetensors',
      ]);
      truncateSync(checkpoints!.resumeFile, 2000);
      expect(() => checkpoints!.load()).toThrow('is not a valid safetensors file');
    });

    /** A checkpoint of an older version, which has no checksum, with its state changed. */
    function changed(change: (state: string) => unknown) {
      const folder = newFolder();
      for (const _event of setUp(folder, { epochs: 1 }).trainer().run());
      const { checkpoints } = setUp(folder).parts;
      const file = checkpoints!.resumeFile;
      const { tensors, metadata } = decodeSafetensors(readFileSync(file), file);
      const state = change(metadata.lossnet!);
      const lossnet = typeof state === 'string' ? state : JSON.stringify(state);
      writeFileSync(file, encodeSafetensors({ tensors, metadata: { format: 'pt', lossnet } }));
      return checkpoints!;
    }

    it.each([
      ['its state is no JSON', 'nonsense'],
      ['progress is missing', {}],
      ['the whole is []; expected an object', []],
    ])('refuses a state of which %s', (message, state) => {
      expect(() => changed(() => state).load()).toThrow(`cannot be resumed from: ${message}`);
    });

    it.each([
      [['progress', 'batch'], -1, 'progress.batch is -1; expected a whole number from 0 on'],
      [['progress', 'step'], undefined, 'progress.step is missing'],
      [['progress', 'lr'], null, 'progress.lr is null; expected a number'],
      [['progress', 'tally', 'images'], '44', 'progress.tally.images is "44"; expected a whole number'],
      [['progress', 'last'], null, 'progress.last is not of epoch 1, the last whole one'],
      [['progress', 'last', 'best'], 'yes', 'progress.last.best is "yes"; expected true or false'],
      [['progress', 'best', 'epoch'], 2, 'progress.best.epoch is 2, and 1 is the last whole one'],
      [['progress', 'best', 'value'], {}, 'progress.best.value is {}; expected a number'],
      [['progress', 'history'], [0, null], 'progress.history.1 is null; expected a number'],
      [['progress', 'curve', 'span'], 0, 'progress.curve.span is 0; expected a whole number from 1 on'],
      [['progress', 'curve', 'stretches'], [3], 'progress.curve.stretches.0 is 3; expected an object'],
      [['steps', '4.bias'], '\u001b[2J', 'steps.4.bias is "\\u001b[2J"; expected a whole number'],
      [['steps', '4.bias'], undefined, 'it does not say how often optimizer.4.bias.exp_avg was updated'],
      [['identity'], null, 'identity is null; expected an object'],
      [['identity', 'data'], 1, 'identity.data is 1; expected text'],
      [['identity', 'data'], undefined, 'data: not recorded when saved, same now'],
    ])('refuses a state whose %j is %j', (path, value, message) => {
      const checkpoints = changed((state) => {
        const whole = JSON.parse(state) as Record<string, unknown>;
        const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, whole);
        expect(parent).toHaveProperty([path.at(-1)!]);
        parent[path.at(-1)!] = value;
        return whole;
      });
      expect(() => checkpoints.load()).toThrow(message);
    });

    it('takes what older versions saved, and what newer ones may add', () => {
      const older = changed((state) => {
        const { progress, ...rest } = JSON.parse(state) as { progress: object };
        return { ...rest, progress: { ...progress, curve: undefined } };
      });
      expect(older.load()).toMatchObject({ epoch: 1, curve: { first: null, stretches: [] } });
      const newer = changed((state) => state.replace('"progress":{', '"newer":1,"progress":{"newer":[2],'));
      expect(newer.load()).toMatchObject({ epoch: 1, step: 3 });
      expect(newer.load()).not.toHaveProperty('newer');
    });

    it('notices every changed bit that matters', () => {
      const folder = newFolder();
      for (const _event of setUp(folder, { epochs: 1 }).trainer().run());
      const { checkpoints } = setUp(folder).parts;
      const file = checkpoints!.resumeFile;
      const whole = readFileSync(file);
      const progress = checkpoints!.load();
      const last = readFileSync(join(folder, 'last.safetensors'));
      let noticed = 0;
      const every = Math.ceil(whole.length / 400);
      for (let at = 0; at < whole.length; at += every) {
        const changed = Buffer.from(whole);
        changed[at]! ^= 1 << ((at / every) % 8);
        writeFileSync(file, changed);
        try {
          expect(checkpoints!.load()).toEqual(progress);
          expect(readFileSync(join(folder, 'last.safetensors'))).toEqual(last);
        } catch (error) {
          expect(error).toBeInstanceOf(LossnetError);
          noticed += 1;
        }
      }
      expect(noticed).toBeGreaterThan(390);
    });

    it('refuses a state without the tensors of the optimizer', () => {
      const folder = newFolder();
      for (const _event of setUp(folder, { epochs: 1 }).trainer().run());
      const { checkpoints } = setUp(folder).parts;
      const file = checkpoints!.resumeFile;
      const { tensors, metadata } = decodeSafetensors(readFileSync(file), file);
      const without = new Map([...tensors].filter(([name]) => name !== 'optimizer.4.bias.exp_avg'));
      const { sha256: _, ...older } = metadata;
      writeFileSync(file, encodeSafetensors({ tensors: without, metadata: older }));
      expect(() => checkpoints!.load()).toThrow('it lacks exp_avg of 4.bias');
    });

    // Within an epoch, and after one that was the best.
    it.each([8, 6])('writes what counts first: weights lost with a kill at step %i come back', (step) => {
      const folder = newFolder();
      const first = setUp(folder);
      const stopsAt = step === 8 ? 'step' : 'epoch';
      for (const event of first.trainer().run())
        if (event.type === stopsAt && event.step === step) first.stop.abort();
      const saved = files(folder);
      const { last } = setUp(folder).parts.checkpoints!.load()!;
      rmSync(join(folder, 'last.safetensors'));
      if (step === 6) {
        expect(last).toMatchObject({ step: 6, best: true });
        writeFileSync(join(folder, 'best.safetensors'), 'of an epoch before');
      }
      const second = setUp(folder);
      const progress = second.parts.checkpoints!.load()!;
      expect(files(folder)).toEqual(saved);
      for (const _event of second.trainer(progress).run());
      expect(files(folder)).toEqual(files(whole));
    });

    it('keeps weights for PyTorch in last and best: parameters alone', () => {
      const folder = newFolder();
      const { trainer, model } = setUp(folder, { epochs: 1 });
      for (const _ of trainer().run());
      for (const name of ['last', 'best']) {
        const file = join(folder, `${name}.safetensors`);
        const { tensors } = decodeSafetensors(readFileSync(file), file);
        expect([...tensors.keys()]).toEqual(model.parameters.map((parameter) => parameter.name));
        expect(tensors.get('4.weight')).toEqual({ shape: [4, 256], values: model.parameters[2]!.values() });
      }
    });
  });
});
