import { createSource } from '../train/data/sources/index.js';
import { ModelError, Sequential } from '../train/model/sequential.js';
import { createTask } from '../train/task/index.js';
import { toCamelCase } from './naming.js';
import type { ConfigYaml } from './schema/index.js';

/**
 * Builds a configuration's model, its parameters still without values. Needs neither data nor TensorFlow.
 *
 * @param config the blocks that decide it
 * @returns the model
 * @throws ModelError at the first layer that is impossible
 */
export function buildModel({ dataset, transforms, model, init, seed }: ModelBlocks): Sequential {
  const { input, target } = createSource(toCamelCase(dataset)).spec;
  const areBytes = !transforms.scale && transforms.normalize === null;
  const { weight, bias } = toCamelCase(init ?? { weight: null, bias: null });
  return Sequential.build({
    layers: toCamelCase(model),
    input: { ...input, ...(areBytes && { wholeBelow: 256 }) },
    outputs: createTask(target).outputs,
    seed,
    init: { weight, bias },
  });
}

/** The blocks that decide a model. */
type ModelBlocks = Pick<ConfigYaml, 'dataset' | 'transforms' | 'model' | 'init' | 'seed'>;

/** What is wrong with the shapes of a model; null when they fit. */
export function modelProblem(config: Omit<ModelBlocks, 'seed'>): ModelError | null {
  try {
    buildModel({ ...config, seed: 0 });
    return null;
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}
