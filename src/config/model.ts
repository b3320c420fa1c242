import { DATASETS } from '../train/data/dataset.js';
import { ModelError, Sequential } from '../train/model/sequential.js';
import { toCamelCase } from './naming.js';
import type { ConfigYaml } from './schema/index.js';

/**
 * Builds a configuration's model, its parameters still without values. Needs neither data nor TensorFlow.
 *
 * @param config the blocks that decide it
 * @returns the model
 * @throws ModelError at the first layer that is impossible
 */
export function buildModel({
  dataset,
  model,
  seed,
}: Pick<ConfigYaml, 'dataset' | 'model' | 'seed'>): Sequential {
  const { classes, ...image } = DATASETS[dataset.type];
  return Sequential.build(toCamelCase(model), { kind: 'image', ...image }, classes, seed);
}

/** What is wrong with the shapes of a model; null when they fit. */
export function modelProblem(config: Pick<ConfigYaml, 'dataset' | 'model'>): ModelError | null {
  try {
    buildModel({ ...config, seed: 0 });
    return null;
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}
