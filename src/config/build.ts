import { CheckpointStore } from '../train/checkpoint.js';
import type { ImageDataset } from '../train/data/dataset.js';
import { DataLoader } from '../train/data/loader.js';
import { EagerProgram } from '../train/engine/eager.js';
import { LossnetError } from '../train/errors.js';
import { createLoss } from '../train/loss/index.js';
import type { Sequential } from '../train/model/sequential.js';
import { checkWeights, loadWeights } from '../train/model/weights.js';
import { createOptimizer } from '../train/optim/index.js';
import { createSchedule } from '../train/schedule/index.js';
import type { TrainerOptions, TrainerParts } from '../train/trainer.js';
import { buildModel } from './model.js';
import { type CamelCase, toCamelCase } from './naming.js';
import { ConfigError } from './problems/errors.js';
import type { ResolvedConfig } from './resolved.js';
import type { ConfigYaml } from './schema/index.js';

export type Config = CamelCase<ConfigYaml>;

/** A configuration whose model is known to fit its data. Nothing is loaded yet. */
export interface Plan {
  readonly config: Config;
  readonly model: Sequential;
}

/** Everything that a run needs, ready to start. */
export interface Run {
  readonly model: Sequential;
  readonly parts: TrainerParts;
  readonly options: TrainerOptions;
}

/**
 * @param resolved a valid configuration
 * @param isNew whether the run begins with its first weights, so that `init.from` must fit
 * @returns the plan; needs neither data nor TensorFlow
 * @throws ConfigError when `init.from` cannot be read or does not fit the model
 */
export function planRun(resolved: ResolvedConfig, isNew = true): Plan {
  const config = toCamelCase(resolved.yaml);
  const model = buildModel(resolved.yaml);
  if (!isNew || config.init === null) return { config, model };
  try {
    checkWeights(model.parameters, config.init.from);
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    const [message = '', ...details] = error.message.split('\n');
    const problem = resolved.problem('init.from', message, error.remedy === undefined ? [] : [error.remedy]);
    throw new ConfigError([details.length === 0 ? problem : { ...problem, details: details.join('\n') }]);
  }
  return { config, model };
}

/** Gives a new run's model its first values. TensorFlow must be loaded. */
export function initialize({ config, model }: Plan): void {
  if (config.init) loadWeights(model.parameters, config.init.from);
  else model.initialize();
}

/**
 * Makes the objects of a run from a plan. TensorFlow must be loaded.
 *
 * @param plan from `planRun`; its model has no values before `initialize`, or before a checkpoint is loaded
 * @param data the data sets
 * @param checkpoints folder of the checkpoints; null: nothing is written
 * @returns the run
 */
export function buildRun(
  { config, model }: Plan,
  data: { readonly train: ImageDataset; readonly eval: ImageDataset },
  checkpoints: string | null,
): Run {
  const { loader, transforms, evaluation, accumulate, seed } = config;
  const trainLoader = new DataLoader(data.train, { ...loader, seed, transforms });
  const evalLoader = new DataLoader(data.eval, {
    batchSize: evaluation.batchSize,
    shuffle: false,
    dropLast: false,
    limit: evaluation.limit,
    seed,
    transforms: { randomCrop: null, randomFlip: null, normalize: transforms.normalize },
  });
  const optimizer = createOptimizer(config.optimizer, model.parameters);
  const stepsPerEpoch = Math.ceil(trainLoader.length / accumulate);
  const total = { epoch: config.epochs, step: config.epochs * stepsPerEpoch };
  const identity = { 'training data': describe(data.train), 'evaluation data': describe(data.eval) };
  return {
    model,
    parts: {
      program: new EagerProgram(model, createLoss(config.loss)),
      optimizer,
      loader: trainLoader,
      evalLoader: evaluation.every > 0 ? evalLoader : null,
      schedule: createSchedule(config.schedule, config.optimizer.lr, total),
      accumulate,
      clipGradNorm: config.clipGradNorm,
      checkpoints:
        checkpoints === null ? null : new CheckpointStore(checkpoints, model.parameters, optimizer, identity),
    },
    options: {
      lr: config.optimizer.lr,
      epochs: config.epochs,
      evaluateEvery: evaluation.every,
      checkpointEverySteps: config.checkpoint.everySteps,
      monitor: config.checkpoint.monitor,
    },
  };
}

/** What a resumed run must find again, in words that say what is different when it does not. */
function describe({ identity }: ImageDataset): string {
  const { name, split, records, sha256, standsInFor } = identity;
  const standIn = standsInFor ? `, standing in for ${standsInFor}` : '';
  return `${name} ${split}${standIn}, ${records} images, sha256 ${sha256.slice(0, 16)}`;
}
