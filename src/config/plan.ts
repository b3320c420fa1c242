import type { DataSpec } from '../train/data/dataset.js';
import type { DataSource } from '../train/data/source.js';
import type { Sequential } from '../train/model/sequential.js';
import { type Grouping, type OptimizerOptions, withMomentum } from '../train/optim/index.js';
import { sourceOf } from './data.js';
import { buildModel } from './model.js';
import { type CamelCase, toCamelCase } from './naming.js';
import type { ResolvedConfig } from './resolved.js';
import type { ConfigYaml } from './schema/index.js';
import { checkFirstWeights, type FirstWeights, firstWeights } from './weights.js';

export type Config = CamelCase<ConfigYaml>;

/** A configuration whose model is known to fit its data. Nothing is loaded yet. */
export interface Plan {
  readonly config: Config;
  readonly model: Sequential;
  /** The data set, not loaded yet. */
  readonly source: DataSource;
  /** What the model was made for. */
  readonly spec: DataSpec;
  /** What the model begins with. */
  readonly weights: FirstWeights;
  /** What it was made from. */
  readonly resolved: ResolvedConfig;
}

/**
 * @param resolved a valid configuration
 * @param isNew whether the run begins with its first weights, so that `init.from` must fit
 * @param recorded what a run says of its data, whatever has become of them; null: the data set says it
 * @returns the plan; needs no TensorFlow, and of data only what says what they are
 * @throws ConfigError when `init.from` cannot be read or does not fit the model
 */
export function planRun(resolved: ResolvedConfig, isNew = true, recorded: DataSpec | null = null): Plan {
  const config = toCamelCase(resolved.yaml);
  // The very source whose spec the model fits: a file may change before it is loaded.
  const source = resolved.data ?? sourceOf(resolved.yaml);
  const spec = recorded ?? source.spec;
  const model = buildModel(resolved.yaml, spec);
  const weights = firstWeights(resolved, model);
  if (isNew) checkFirstWeights(resolved, model, weights);
  return { config, model, source, spec, weights, resolved };
}

/** An optimizer whose momentum is cycled needs one from the start: it makes no buffer for it later. */
export function optimizerOptions({ optimizer, schedule }: Config): OptimizerOptions & Grouping {
  if (schedule.type !== 'one_cycle' || !schedule.cycleMomentum) return optimizer;
  return withMomentum(optimizer, schedule.maxMomentum) ?? optimizer;
}
