export { buildRun, evaluationLoader, initialize, namedLr, type Run } from './build.js';
export { sourceOf, specOf } from './data.js';
export { evaluationProgram } from './evaluation.js';
export {
  EPOCH_METRICS,
  type EpochMetric,
  figuresOfTask,
  type Gate,
  isBetterLarger,
  isGate,
  isOfTest,
  METRICS,
  type Metric,
  parseGate,
} from './expect.js';
export { jsonSchema } from './json-schema.js';
export { type LoadOptions, loadConfig } from './load.js';
export { lossAlone, lossOptions } from './loss.js';
export { type CamelCase, toCamelCase, toSnakeCase } from './naming.js';
export { type Config, optimizerOptions, type Plan, planRun } from './plan.js';
export {
  isPresetName,
  type OptimizerBlock,
  PRESETS,
  type Preset,
  type PresetName,
  presetNames,
} from './presets.js';
export { configToYaml, originName, printConfig } from './print.js';
export { ConfigError } from './problems/errors.js';
export { formatPlace, formatProblems, sortProblems } from './problems/format.js';
export type { ProblemStyle } from './problems/frame.js';
export type { Place, Problem, Source, Span } from './problems/problem.js';
export type { Origin, ResolvedConfig, Variation } from './resolved.js';
export { SAVED_CONFIG_HEAD } from './saved.js';
export { type ConfigInput, type ConfigYaml, configSchema } from './schema/index.js';
export { layerSchema } from './schema/layers.js';
export { type Environment, RESERVED_VARIABLES } from './sources/environment.js';
