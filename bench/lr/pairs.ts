import { join } from 'node:path';
import {
  loadConfig,
  PRESETS,
  type PresetName,
  presetNames,
  type ResolvedConfig,
} from '../../src/config/index.js';
import { halfDecades } from '../half-decades.js';
import { PATHS } from '../paths.js';
import { ONE_THREAD } from '../trained.js';

/** A model with its data, and an optimizer. */
export interface Pair {
  readonly model: 'cifar' | 'shapes';
  readonly optimizer: PresetName;
  /** Half powers of ten around those with which it learns. */
  readonly lrs: readonly number[];
}

/** Exponents of the first and the last learning rate, doubled. */
const GRIDS: Readonly<Record<PresetName, readonly [number, number]>> = {
  sgd: [-5, 1],
  momentum: [-6, -1],
  nesterov: [-6, -1],
  adam: [-8, -3],
  adamw: [-8, -3],
  rmsprop: [-8, -3],
  adagrad: [-6, -1],
};

const FILES = { cifar: 'cifar-sgd.yaml', shapes: 'shapes-sgd.yaml' } as const;

/** The pairs of docs/learning-rate.md. */
export const pairs: readonly Pair[] = (['shapes', 'cifar'] as const).flatMap((model) =>
  presetNames.map((optimizer) => ({ model, optimizer, lrs: halfDecades(...GRIDS[optimizer]) })),
);

export const nameOf = ({ model, optimizer }: Pair): string => `${model}, ${optimizer}`;

/**
 * @param pair what to train; CIFAR-10 is not downloaded, and nothing stands in for it
 * @param seed of weights and order
 * @returns its configuration, at the usual learning rate of the optimizer: four epochs of 5,000 images. What is evaluated is
 * looked at after the last one alone
 */
export function configOf({ model, optimizer }: Pair, seed: number): ResolvedConfig {
  const root = process.env.LOSSNET_DATA;
  const dataset =
    model === 'shapes'
      ? { type: 'shapes', train_size: 5000, eval_size: 1000 }
      : { type: 'cifar10', download: false, ...(root !== undefined && { root }) };
  return loadConfig({ file: join(PATHS.configs, FILES[model]) }).with({
    ...ONE_THREAD,
    seed,
    epochs: 4,
    dataset,
    'loader.limit': 5000,
    'evaluation.limit': 1000,
    'evaluation.every': 4,
    optimizer: PRESETS[optimizer].optimizer,
  });
}
