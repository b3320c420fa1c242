import { expect } from 'vitest';
import { toCamelCase } from '../../src/config/naming.js';
import { scheduleSchema } from '../../src/config/schema/schedules.js';
import type { Dataset } from '../../src/train/data/dataset.js';
import type { BatchTransforms } from '../../src/train/data/transforms.js';
import { createProgram, type Engine } from '../../src/train/engine/index.js';
import { evaluate } from '../../src/train/evaluate.js';
import { trainEpoch } from '../../src/train/loop.js';
import { createLoss } from '../../src/train/loss/index.js';
import type { LayerOptions } from '../../src/train/model/layers/index.js';
import { type FreezeOptions, Sequential } from '../../src/train/model/sequential.js';
import { stateDict } from '../../src/train/model/weights.js';
import { biasesAndNorms } from '../../src/train/optim/groups.js';
import { createOptimizer, withMomentum } from '../../src/train/optim/index.js';
import type { StoredTensor } from '../../src/train/safetensors.js';
import { createSchedule } from '../../src/train/schedule/index.js';
import { createTask, type Metrics } from '../../src/train/task/index.js';
import { loaderOf, NO_TRANSFORMS } from './data.js';
import { expectWithin } from './margin.js';
import { type Block, lossOf, optimizerOf } from './options.js';

/** What is trained, in the words of a configuration. */
export interface WholeRun {
  readonly layers: readonly LayerOptions[];
  /** Gives the model the weights that the recording began with. */
  readonly begin: (model: Sequential) => void;
  readonly data: { readonly train: Dataset; readonly eval: Dataset };
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: Block;
  readonly freeze?: FreezeOptions;
  readonly loss?: Block;
  readonly schedule?: Block;
  readonly clipGradNorm?: number | null;
  readonly normalize?: NonNullable<BatchTransforms['normalize']>;
}

/** How a run went: the loss of each step, and the evaluation after each epoch. */
export interface Trajectory {
  readonly losses: readonly number[];
  readonly evaluations: readonly Evaluation[];
  /** What the model ended with. */
  readonly state: ReadonlyMap<string, StoredTensor>;
}

interface Evaluation {
  readonly loss: number;
  readonly accuracy: number;
  /** What there is besides. */
  readonly metrics?: Metrics;
}

/** What PyTorch recorded, in float32 and, as the exact trajectory, in float64. */
export interface Recording {
  readonly loss: readonly number[];
  readonly loss_f64: readonly number[];
  readonly eval: readonly Evaluation[];
  readonly eval_f64?: readonly Evaluation[];
}

/** Engines, and the parts of a batch that they compute side by side. */
export const WAYS: readonly (readonly [Engine, number])[] = [
  ['graph', 1],
  ['graph', 2],
  ['eager', 1],
];

/** Trains as `lossnet train` does, images in their order, and evaluates after each epoch. TensorFlow must be loaded. */
export function trainWhole(run: WholeRun, engine: Engine, lanes: number): Trajectory {
  const { input, target } = run.data.train.spec;
  const model = Sequential.build({
    layers: run.layers,
    input,
    outputs: target.names.length,
    steps: target.kind === 'class' ? target.length : undefined,
    seed: 0,
    ...(run.freeze && { freeze: run.freeze }),
  });
  run.begin(model);
  const transforms = { ...NO_TRANSFORMS, normalize: run.normalize ?? null };
  const loader = loaderOf(run.data.train, { batchSize: run.batchSize, transforms });
  const evalLoader = loaderOf(run.data.eval, { batchSize: 250, transforms });

  const scheduleOptions = toCamelCase(scheduleSchema.parse(run.schedule ?? { type: 'constant' }));
  const options = optimizerOf(run.optimizer);
  const cycled = scheduleOptions.type === 'one_cycle' && scheduleOptions.cycleMomentum;
  const optimizer = createOptimizer(
    (cycled && withMomentum(options, scheduleOptions.maxMomentum)) || options,
    model.trainable,
    biasesAndNorms(model.layers),
  );
  const total = { epoch: run.epochs, step: run.epochs * loader.length };
  const clip = { clipGradNorm: run.clipGradNorm ?? null, clipGradValue: null };
  const { program, fallback } = createProgram(engine, {
    model,
    optimizer,
    task: createTask(target),
    lossFunction: createLoss(lossOf(run.loss ?? { type: 'cross_entropy' })),
    clip,
    sizes: { train: loader.sizes, evaluate: evalLoader.sizes },
    ...(input.kind === 'image' && { pixels: { scale: true, normalize: transforms.normalize } }),
    lanes,
  });
  expect(fallback).toBeNull();
  const schedule = createSchedule(scheduleOptions, options.lr, total, options.groups).at;
  const parts = { program, optimizer, loader, schedule, accumulate: 1, watchEvery: null, ...clip };

  const losses: number[] = [];
  const evaluations: Evaluation[] = [];
  for (let epoch = 0; epoch < run.epochs; epoch++) {
    for (const { batches } of trainEpoch(parts, epoch, { batch: 0, step: losses.length }))
      losses.push(batches[0]!.loss);
    const evaluation = evaluate(program, evalLoader);
    let next = evaluation.next();
    while (!next.done) next = evaluation.next();
    const { loss, metrics } = next.value;
    evaluations.push({ loss, accuracy: metrics.accuracy!, metrics });
  }
  const state = stateDict(model.state);
  program.dispose();
  return { losses, evaluations, state };
}

/**
 * Expects a run to stay as close to the exact trajectory as float32 lets it. Let e(t) be the largest relative distance so
 * far between PyTorch's float32 losses and the exact ones: the run's own may be 5 e(t) + 1e-6 at every step.
 */
export function expectSharp(losses: readonly number[], { loss, loss_f64: exact }: Recording): void {
  expect(losses).toHaveLength(exact.length);
  const allowed = runningMaximum(distances(loss, exact)).map(allowance);
  const own = runningMaximum(distances(losses, exact));
  // From a step that is not a number on, none is.
  const share = (step: number) => (Number.isNaN(own[step]) ? Infinity : own[step]! / allowed[step]!);
  const worst = own.reduce((at, _, step) => (share(step) > share(at) ? step : at), 0);
  expectWithin(own[worst]!, allowed[worst]!, `step ${worst}`);
}

/**
 * Expects the same of its evaluations, where e is that of the training so far or of PyTorch's own evaluation, and all but
 * one image to be classified alike: that one may lie so near between two classes that rounding decides.
 */
export function expectSharpEvaluations(
  evaluations: readonly Evaluation[],
  { loss, loss_f64: exact, eval: float32, eval_f64: float64 = [] }: Recording,
  images: number,
): void {
  expect(evaluations).toHaveLength(float64.length);
  const e = runningMaximum(distances(loss, exact));
  const lossesOf = (all: readonly Evaluation[]) => all.map((evaluation) => evaluation.loss);
  const ofPyTorch = distances(lossesOf(float32), lossesOf(float64));
  for (const [epoch, own] of distances(lossesOf(evaluations), lossesOf(float64)).entries()) {
    const trained = e[((epoch + 1) * e.length) / float64.length - 1]!;
    expectWithin(own, allowance(Math.max(trained, ofPyTorch[epoch]!)), `evaluation ${epoch}`);
    const turned = Math.round(images * (evaluations[epoch]!.accuracy - float64[epoch]!.accuracy));
    expect(Math.abs(turned), `images of evaluation ${epoch}`).toBeLessThanOrEqual(1);
  }
}

const allowance = (e: number) => 5 * e + 1e-6;

/** |value - exact| / |exact|, each. */
export const distances = (values: readonly number[], exact: readonly number[]): number[] =>
  values.map((value, i) => Math.abs(value / exact[i]! - 1));

const runningMaximum = (values: readonly number[]): number[] => {
  let largest = 0;
  return values.map((value) => {
    largest = Math.max(largest, value);
    return largest;
  });
};
