import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConfigInput, loadConfig } from '../../../src/config/index.js';
import { explain } from '../../../src/runs/explain/explain.js';
import { lesson } from '../../../src/runs/explain/lesson.js';
import type { Explanation } from '../../../src/runs/explain/result.js';
import { train } from '../../../src/runs/train/train.js';
import { LOSS_AXES } from '../../../src/train/explain/loss-curve.js';
import { USUAL_LR } from '../../../src/train/optim/index.js';
import { decodeSafetensors } from '../../../src/train/safetensors.js';
import type { ScheduleOptions } from '../../../src/train/schedule/index.js';
import { workspace } from '../../helpers/cli.js';
import { expectConsistent } from '../../helpers/formula.js';

const folder = workspace({});

/** Pictures, cropped and flipped, with batch norm and dropout; two batches a step, clipped; groups, and a frozen layer. */
const PICTURES: ConfigInput = {
  name: 'pictures',
  seed: 3,
  epochs: 2,
  runs_dir: folder,
  log_every: 1,
  dataset: { type: 'shapes', train_size: 64, eval_size: 20 },
  loader: { batch_size: 8 },
  accumulate: 2,
  clip_grad_norm: 0.7,
  transforms: { random_crop: { padding: 2 }, random_flip: { p: 0.5 } },
  model: [
    { type: 'conv2d', out_channels: 3, kernel_size: 3, padding: 1 },
    { type: 'batch_norm2d' },
    { type: 'relu' },
    { type: 'max_pool2d', kernel_size: 4 },
    { type: 'dropout', p: 0.2 },
    { type: 'flatten' },
    { type: 'linear', out_features: 6 },
    { type: 'tanh' },
    { type: 'linear', out_features: 10 },
  ],
  freeze: [0],
  optimizer: { type: 'adamw', lr: 0.01, groups: [{ layers: [8], lr: 0.02, weight_decay: 0.1 }] },
  schedule: { type: 'cosine', interval: 'step', warmup: { duration: 3 } },
};

/** The same for what does not depend on the engine: it needs no compiling. */
const EAGER: ConfigInput = { ...PICTURES, engine: 'eager', schedule: { type: 'constant' } };

/** A smooth net on few numbers, so that slopes can be measured. */
const SMOOTH: ConfigInput = {
  ...{ name: 'smooth', epochs: 1, engine: 'eager' },
  dataset: { type: 'shapes', train_size: 40, eval_size: 10 },
  loader: { batch_size: 8 },
  model: [
    { type: 'adaptive_avg_pool2d', output_size: 2 },
    { type: 'flatten' },
    { type: 'linear', out_features: 5 },
    { type: 'tanh' },
    { type: 'linear', out_features: 10 },
  ],
  optimizer: { type: 'sgd', lr: 0.1, momentum: 0.9, weight_decay: 0.01 },
  clip_grad_value: 0.05,
};

type Typed = { readonly type: string; readonly [key: string]: unknown };

/** Every optimizer, loss and schedule once at least: the n-th of each together. */
function mixed(): { optimizer: Typed; loss: Typed; schedule: Typed }[] {
  const optimizers: Typed[] = Object.keys(USUAL_LR).map((type) => ({ type, weight_decay: 0.01 }));
  const losses: Typed[] = Object.keys(LOSS_AXES).map((type) => ({ type }));
  const needed: Readonly<Record<ScheduleOptions['type'], object>> = {
    ...{ constant: {}, exponential: { gamma: 0.9 }, cosine: {}, linear: {}, polynomial: {} },
    ...{ step: { step_size: 1, interval: 'step' }, multi_step: { milestones: [1], interval: 'step' } },
    ...{ cosine_restarts: { t_0: 2, interval: 'step' }, one_cycle: { max_lr: 0.1, cycle_momentum: false } },
    reduce_on_plateau: { warmup: { duration: 2 } },
  };
  const schedules = Object.entries(needed).map(([type, rest]): Typed => ({ type, ...rest }));
  return schedules.map((schedule, i) => ({
    optimizer: optimizers[i % optimizers.length]!,
    loss: losses[i % losses.length]!,
    schedule,
  }));
}

interface StepLine {
  readonly type: string;
  readonly step: number;
  readonly loss: number;
  readonly lr: number;
  readonly group_lrs?: readonly number[];
  readonly grad_norm: number;
}

/** Trains, and gives what the run recorded of its last step and the tensors that it left. */
async function trained(config: ConfigInput) {
  const resolved = loadConfig({ config });
  for await (const event of train(resolved, { mode: 'force' })) {
    if (event.type === 'diverged') throw new Error('it diverged');
  }
  const run = join(folder, config.name!);
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const steps = lines.map((line) => JSON.parse(line) as StepLine).filter(({ type }) => type === 'step');
  const file = join(run, 'checkpoints/resume.safetensors');
  return { run, steps, tensors: decodeSafetensors(readFileSync(file), file).tensors };
}

const explained = async (what: ConfigInput | string, options = {}): Promise<Explanation> =>
  (await explain(typeof what === 'string' ? what : loadConfig({ config: what }), options))!;

/** The number of a tensor of a checkpoint. */
function numberOf(
  tensors: ReturnType<typeof decodeSafetensors>['tensors'],
  name: string,
  index: readonly number[],
) {
  const { shape, values } = tensors.get(name)!;
  return values[index.reduce((flat, at, axis) => flat * shape[axis]! + at, 0)]!;
}

describe('a step that is explained', () => {
  it.each(['graph', 'eager'] as const)('has the numbers of training, to the last bit: %s', async (engine) => {
    const config: ConfigInput = { ...PICTURES, engine };
    const { steps, tensors } = await trained(config);
    const last = steps.at(-1)!;
    const step = await explained(config, { step: last.step, sample: 9, parameter: '8.weight' });
    expect(step).toMatchObject({ engine, noun: 'image', optimizer: 'adamw', schedule: 'cosine' });
    expect(step.step).toEqual({
      ...{ number: 8, epoch: 2, batch: 7, ofSteps: 8, batchesPerEpoch: 8, sizes: [8, 8] },
      from: { kind: 'weights' },
    });
    const { name, index, after } = step.parameter;
    expect([name, after]).toEqual(['8.weight', numberOf(tensors, name, index)]);
    expect(step.loss.mean).toBeCloseTo(last.loss, 6);
    expect(step.gradient.norm).toBeCloseTo(last.grad_norm, 6);
    expect(step.learningRate).toMatchObject({ value: last.group_lrs![0], group: 0 });
    expect(step.update).toMatchObject({ t: 8, lr: last.group_lrs![0], momentum: 0.9, momentumName: 'beta1' });
    for (const { slot, after: now } of step.update.memory) {
      expect(now).toBe(numberOf(tensors, `optimizer.${name}.${slot}`, index));
    }
    const { learningRate, update, gradient, loss } = step;
    for (const lines of [learningRate.formula, update.lines, gradient.clipping, loss.formula]) {
      expectConsistent(lines);
    }
    // Of two batches, and of the step before; what is frozen is told.
    expect(gradient.each).toHaveLength(2);
    expect(gradient.before).not.toBeNull();
    expect(gradient.unzeroed.becomes).toBeCloseTo(gradient.before! + gradient.each[1]!, 6);
    expect(step.layers[0]).toMatchObject({ type: 'conv2d', output: [3, 32, 32], isFrozen: true });
    expect(step.outputs.reduce((sum, { probability }) => sum + probability!, 0)).toBeCloseTo(1, 5);
    expect(step.outputs.reduce((sum, { gradient: slope }) => sum + slope, 0)).toBeCloseTo(0, 5);
    expect(step.loss.after).not.toBe(step.loss.mean);
  });

  it('is the same of a run, which goes on from its checkpoint, and leaves that as it is', async () => {
    const { run } = await trained({ ...EAGER, epochs: 1 });
    const files = ['resume', 'last', 'best'].map((name) => join(run, `checkpoints/${name}.safetensors`));
    const before = files.map((file) => readFileSync(file));
    const options = { step: 6, parameter: '6.weight[2,17]', overrides: ['epochs=2'] };
    const step = await explained(run, options);
    const { source, ...other } = await explained(EAGER, { ...options, overrides: undefined });
    expect(source).toBe('config');
    expect(step).toEqual({
      ...other,
      source: run,
      step: { ...other.step, from: { kind: 'checkpoint', step: 4 } },
    });
    // The run is over: its last step is made again, from its first weights, as any earlier one is.
    const last = await explained(run, { parameter: '6.weight[2,17]' });
    expect(last.step).toMatchObject({ number: 4, ofSteps: 4, epoch: 1, from: { kind: 'weights' } });
    expect(last).toEqual(await explained(run, { step: 4, parameter: '6.weight[2,17]' }));
    const { tensors } = await trained({ ...EAGER, epochs: 1 });
    expect(last.parameter.after).toBe(numberOf(tensors, '6.weight', [2, 17]));
    // The one after the checkpoint of a run that is not has no gradients before it.
    const next = await explained(run, { overrides: ['epochs=2'] });
    expect(next.step).toMatchObject({ number: 5, ofSteps: 8, epoch: 2, batch: 1 });
    expect(next.gradient).toMatchObject({ before: null, unzeroed: { isOfStepBefore: false } });
    expect(next.gradient.unzeroed.becomes).toBeCloseTo(2 * next.gradient.each[1]!, 6);
    expect((await explained(run, { step: 2 })).step.from).toEqual({ kind: 'weights' });
    expect(files.map((file) => readFileSync(file))).toEqual(before);
  });

  it.each(mixed())(
    'is followed by the next one: $optimizer.type, $loss.type, $schedule.type',
    async (blocks) => {
      const { loss, optimizer, schedule } = blocks;
      const takesLogs = loss.type === 'nll' || loss.type === 'kl_div';
      const model = [...SMOOTH.model, ...(takesLogs ? [{ type: 'log_softmax' }] : [])];
      const config = { ...SMOOTH, model, loss, optimizer, schedule, clip_grad_value: null } as ConfigInput;
      const parameter = '4.weight[3,1]';
      const [step, next] = [
        await explained(config, { step: 2, parameter }),
        await explained(config, { step: 3, parameter }),
      ];
      // The trainer made step 2 on the way to step 3.
      expect(next.parameter.before).toBe(step.parameter.after);
      expect(next.gradient.before).toBe(step.gradient.used);
      expect(next.update.memory.map(({ before }) => before)).toEqual(
        step.update.memory.map(({ after }) => after),
      );
      expect(step.loss.total).toBeCloseTo(step.loss.mean * step.loss.divisor, 4);
      for (const { learningRate, update, loss: of } of [step, next]) {
        for (const lines of [learningRate.formula, update.lines, of.formula]) expectConsistent(lines);
        expect(learningRate.value).toBe(update.lr);
      }
      const page = lesson(step).flatMap(({ blocks: all }) => all);
      expect(JSON.stringify(page)).not.toMatch(/NaN|undefined|null/);
    },
  );

  it('has the gradient that finite differences give', async () => {
    for (const parameter of ['4.weight[3,2]', '4.bias[7]', '2.weight[1,5]', '2.bias[0]']) {
      const { gradient, ...step } = await explained(SMOOTH, { step: 3, parameter });
      const value = gradient.each[0]!;
      expect(Math.abs(gradient.nudge.slope - value), parameter).toBeLessThan(0.01 * Math.abs(value) + 2e-5);
      expect(step.parameter.before).not.toBe(step.parameter.after);
      expectConsistent([...step.update.lines, ...gradient.clipping]);
    }
  });
});
