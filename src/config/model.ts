import type { DataSpec } from '../train/data/dataset.js';
import { ModelError, Sequential } from '../train/model/sequential.js';
import { createTask } from '../train/task/index.js';
import { type DataBlocks, sourceOf, specOf } from './data.js';
import { toCamelCase } from './naming.js';
import { count } from './problems/text.js';
import type { ConfigYaml } from './schema/index.js';

/**
 * Builds a configuration's model, its parameters still without values. Needs no TensorFlow.
 *
 * @param config the blocks that decide it
 * @param spec of the data; default: what `dataset` says
 * @returns the model
 * @throws ModelError at the first layer that is impossible
 */
export function buildModel(config: ModelBlocks, spec: DataSpec = sourceOf(config).spec): Sequential {
  const { transforms, model, init, seed, freeze, frozen_mode } = config;
  const { input, target } = spec;
  const isImage = input.kind === 'image';
  const areBytes = isImage && !transforms.scale && transforms.normalize === null;
  const { weight, bias } = toCamelCase(init ?? { weight: null, bias: null });
  return Sequential.build({
    layers: toCamelCase(model),
    input: { ...input, ...(areBytes && { wholeBelow: 256 }) },
    outputs: createTask(target).outputs,
    ...(target.kind === 'class' &&
      target.of === 'token' && {
        outputsAre:
          target.length === undefined
            ? `a vocabulary of ${target.names.length}`
            : `a vocabulary of ${target.names.length} to tell after each of ${target.length} tokens`,
        steps: target.length,
      }),
    ...(target.kind === 'value' && { outputsAre: `${count(target.names.length, 'real value')} to tell` }),
    seed,
    init: { weight, bias },
    freeze: { layers: freeze, mode: frozen_mode },
  });
}

/** The blocks that decide a model. */
export type ModelBlocks = DataBlocks &
  Pick<ConfigYaml, 'transforms' | 'model' | 'init' | 'seed' | 'freeze' | 'frozen_mode'>;

/** What is wrong with the shapes of a model; null when they fit, or are not known for want of the data. */
export function modelProblem(
  config: Omit<ModelBlocks, 'seed' | 'freeze' | 'frozen_mode'>,
): ModelError | null {
  const spec = specOf(config);
  if (spec === null) return null;
  try {
    buildModel({ ...config, seed: 0, freeze: [], frozen_mode: 'train' }, spec);
    return null;
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}
