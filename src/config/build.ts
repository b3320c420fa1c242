import { CheckpointStore } from '../train/checkpoint.js';
import { type Dataset, unitOf } from '../train/data/dataset.js';
import { DataLoader } from '../train/data/loader.js';
import type { KeptGraphs } from '../train/engine/graph/kept-graphs.js';
import { storedGraphs } from '../train/engine/graph/stored-graphs.js';
import { createProgram, type Engine, lanesOfPart } from '../train/engine/index.js';
import { createLoss } from '../train/loss/index.js';
import type { Sequential } from '../train/model/sequential.js';
import { biasesAndNorms } from '../train/optim/groups.js';
import { createOptimizer, USUAL_LR } from '../train/optim/index.js';
import { ownParts, partSizes, type Share } from '../train/parallel/parts.js';
import { createSchedule } from '../train/schedule/index.js';
import type { StoppingOptions } from '../train/stopping.js';
import { createTask } from '../train/task/index.js';
import type { TrainerOptions, TrainerParts } from '../train/trainer.js';
import { refuseLargeBatches, refuseSmallBatches, refuseSmallParts } from './batch-fit.js';
import { graphKey } from './graph-key.js';
import { classWeights, lossOptions } from './loss.js';
import { type Config, optimizerOptions, type Plan } from './plan.js';
import { ConfigError } from './problems/errors.js';
import type { ResolvedConfig } from './resolved.js';
import { plannedStepsPerEpoch, scheduleMisfits } from './schedule-fit.js';

/** Everything that a run needs, ready to start. */
export interface Run {
  readonly model: Sequential;
  readonly parts: TrainerParts;
  readonly options: TrainerOptions;
  /** What runs the steps, and why it is not the engine that was asked for; null when it is. */
  readonly engine: Engine;
  readonly fallback: string | null;
  /** What `loss.weight: balanced` stands for; null where it is not said. */
  readonly classWeights: readonly number[] | null;
  /** What only the data shows to be odd, to be said before training. */
  readonly warnings: readonly string[];
}

/** Gives a new run's model its first values. TensorFlow must be loaded. */
export function initialize({ weights }: Plan): void {
  weights.fill();
}

/**
 * Makes the objects of a run from a plan. TensorFlow must be loaded.
 *
 * @param plan from `planRun`; its model has no values before `initialize`, or before a checkpoint is loaded
 * @param data the data sets
 * @param checkpoints folder of the checkpoints; null: nothing is written
 * @param share what this process has of each batch, where several train together; default: all of it
 * @param graphs where compiled graphs are kept from run to run; default: nowhere
 * @returns the run
 * @throws ConfigError when the schedule does not fit as many steps as the data make, or a class to be balanced has no sample
 */
export function buildRun(
  { config, model, resolved }: Plan,
  data: { readonly train: Dataset; readonly eval: Dataset; readonly test?: Dataset | undefined },
  checkpoints: string | null,
  share: Share | null = null,
  graphs: KeptGraphs | null = null,
): Run {
  const { loader, transforms, evaluation, accumulate, seed } = config;
  const trainLoader = new DataLoader(data.train, { ...loader, seed, transforms });
  refuseSmallBatches(model, trainLoader);
  if (share !== null) refuseSmallParts(model, trainLoader, share.parts);
  const evalLoader = evaluationLoader(config, data.eval);
  const testLoader = data.test === undefined ? null : evaluationLoader(config, data.test, null);
  const weights = classWeights(resolved, config.loss, trainLoader);
  const optimizer = createOptimizer(optimizerOptions(config), model.trainable, biasesAndNorms(model.layers));
  const stepsPerEpoch = Math.ceil(trainLoader.length / accumulate);
  const warnings = scheduleWarnings(resolved, stepsPerEpoch);
  const total = { epoch: config.epochs, step: config.epochs * stepsPerEpoch };
  const schedule = createSchedule(config.schedule, config.optimizer.lr, total, config.optimizer.groups);
  const task = createTask(data.train.spec.target);
  const loss = lossOptions(config.loss, weights);
  const lanes = share && lanesOfPart(model, Math.ceil(loader.batchSize / share.parts));
  const sizes = {
    train: share === null ? trainLoader.sizes : sizesOf(trainLoader, share),
    evaluate: [...new Set([...(evaluation.every > 0 ? evalLoader.sizes : []), ...(testLoader?.sizes ?? [])])],
  };
  refuseLargeBatches(model, config.engine, trainLoader, Math.max(...sizes.train));
  const { program, engine, fallback } = createProgram(config.engine, {
    model,
    task,
    optimizer,
    lossFunction: createLoss(loss),
    clip: config,
    ...(lanes !== null && { lanes, inVectors: true }),
    ...(data.train.spec.input.kind === 'image' && { pixels: transforms }),
    sizes,
    kept: {
      key: graphKey({ config, loss, sizes }, data.train.spec),
      graphs: graphs ?? undefined,
      stored: storedGraphs(),
    },
  });
  const identity = {
    'training data': describe(data.train),
    'evaluation data': describe(data.eval),
    ...(data.test && { 'test data': describe(data.test) }),
  };
  return {
    model,
    engine,
    fallback,
    classWeights: weights,
    warnings,
    parts: {
      program,
      optimizer,
      loader: trainLoader,
      evalLoader: evaluation.every > 0 ? evalLoader : null,
      testLoader,
      schedule: schedule.at,
      accumulate,
      watchEvery: config.logEvery,
      clipGradNorm: config.clipGradNorm,
      clipGradValue: config.clipGradValue,
      checkpoints:
        checkpoints === null
          ? null
          : new CheckpointStore(
              checkpoints,
              model.state,
              optimizer,
              task,
              identity,
              (share?.rank ?? 0) === 0,
            ),
    },
    options: {
      lr: namedLr(config).lr,
      epochs: config.epochs,
      ...stoppingOptions(config),
      evaluateEvery: evaluation.every,
      checkpointEverySteps: config.checkpoint.everySteps,
      monitor: config.checkpoint.monitor,
      scheduleMonitor: schedule.monitor,
      // The rules compare with the loss of an untrained model that is to fall.
      diagnosis:
        config.optimizer.maximize || config.init?.from
          ? null
          : {
              usualLr: USUAL_LR[config.optimizer.type],
              unit: unitOf(data.train.spec),
              isScheduled: config.schedule.type !== 'constant',
              isNoisy: config.loader.batchSize * accumulate < STEADY_SAMPLES,
            },
    },
  };
}

/** How many samples the parts have that a process computes. */
function sizesOf(loader: DataLoader, share: Share): number[] {
  const own = ownParts(share);
  const sizes = new Set(loader.sizes.flatMap((size) => partSizes(size, own, share.parts)));
  // One whose parts of a last short batch are all empty computes some other.
  return sizes.size > 0 ? [...sizes] : [1];
}

/** What ends a run before its last epoch. */
function stoppingOptions({ earlyStopping, maxTime, checkpoint }: Config): Omit<StoppingOptions, 'epochs'> {
  const monitor = earlyStopping?.monitor ?? checkpoint.monitor;
  return { earlyStopping: earlyStopping && { ...earlyStopping, monitor }, maxTime };
}

/** The fewest samples whose mean loss tells how a step went. */
const STEADY_SAMPLES = 8;

/** Cuts samples into evaluation batches: in their order, without augmentation. Those for the end are taken whole. */
export function evaluationLoader(
  { evaluation, transforms, seed }: Config,
  dataset: Dataset,
  limit: number | null = evaluation.limit,
): DataLoader {
  return new DataLoader(dataset, {
    batchSize: evaluation.batchSize,
    shuffle: false,
    dropLast: false,
    limit,
    seed,
    transforms: {
      randomCrop: null,
      randomFlip: null,
      scale: transforms.scale,
      normalize: transforms.normalize,
    },
  });
}

/** The learning rate that a configuration names, and its key: one_cycle has one of its own. */
export function namedLr({ optimizer, schedule }: Config): { key: string; lr: number } {
  if (schedule.type === 'one_cycle') return { key: 'schedule.max_lr', lr: schedule.maxLr };
  return { key: 'optimizer.lr', lr: optimizer.lr };
}

/** What the number of steps, now that it is known, shows besides what was known before. */
function scheduleWarnings(resolved: ResolvedConfig, stepsPerEpoch: number): string[] {
  const { yaml } = resolved;
  const known = new Set(scheduleMisfits(yaml, plannedStepsPerEpoch(yaml)).map(({ message }) => message));
  const found = scheduleMisfits(yaml, stepsPerEpoch).filter(({ message }) => !known.has(message));
  const fatal = found.filter(({ isFatal }) => isFatal);
  if (fatal.length > 0)
    throw new ConfigError(fatal.map(({ path, message, help }) => resolved.problem(path, message, help)));
  return found.map(({ message }) => message);
}

/** What a resumed run must find again, in words that say what is different when it does not. */
function describe({ identity, spec }: Dataset): string {
  const { name, split, records, sha256, standsInFor } = identity;
  const standIn = standsInFor ? `, standing in for ${standsInFor}` : '';
  return `${name} ${split}${standIn}, ${records} ${unitOf(spec)}, sha256 ${sha256.slice(0, 16)}`;
}
