import { CheckpointStore } from '../train/checkpoint.js';
import type { ImageDataset } from '../train/data/dataset.js';
import { DataLoader } from '../train/data/loader.js';
import { EagerProgram } from '../train/engine/eager.js';
import { createLoss } from '../train/loss/index.js';
import type { Sequential } from '../train/model/sequential.js';
import { loadWeights } from '../train/model/weights.js';
import { createOptimizer } from '../train/optim/index.js';
import { createSchedule } from '../train/schedule/index.js';
import type { TrainerOptions, TrainerParts } from '../train/trainer.js';
import { buildModel } from './model.js';
import { type CamelCase, toCamelCase } from './naming.js';
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
 * @returns the plan; needs neither data nor TensorFlow
 */
export function planRun({ yaml }: ResolvedConfig): Plan {
  return { config: toCamelCase(yaml), model: buildModel(yaml) };
}

/**
 * Makes the objects of a run from a plan. TensorFlow must be loaded.
 *
 * @param plan from `planRun`; its model is given its first values
 * @param data the data sets
 * @param checkpoints folder of the checkpoints; null: nothing is written
 * @returns the run
 * @throws LossnetError when `init.from` cannot be loaded
 */
export function buildRun(
  { config, model }: Plan,
  data: { readonly train: ImageDataset; readonly eval: ImageDataset },
  checkpoints: string | null,
): Run {
  const { loader, transforms, evaluation, accumulate, seed } = config;
  if (config.init) loadWeights(model.parameters, config.init.from);
  else model.initialize();

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
  const identity = { train: data.train.identity.sha256, eval: data.eval.identity.sha256 };
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
