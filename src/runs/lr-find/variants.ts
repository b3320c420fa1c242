import { UsageError } from '../../base/errors.js';
import {
  configSchema,
  isPresetName,
  type OptimizerBlock,
  PRESETS,
  presetNames,
  type ResolvedConfig,
} from '../../config/index.js';
import { nearest } from '../../config/validate/spelling.js';

/** An optimizer to test, and the configuration that tests it. */
export interface Variant {
  /** Name of the preset, or the type in the configuration. */
  readonly name: string;
  readonly optimizer: OptimizerBlock;
  readonly resolved: ResolvedConfig;
}

/**
 * @param resolved the configuration
 * @param names presets, separated by commas; undefined: the configuration's own optimizer
 * @returns a variant for each, all with the same model, data and seed. None has a schedule or is evaluated: the test
 * sets the learning rate itself, and looks at training losses alone
 * @throws UsageError when a name is unknown
 */
export function variantsOf(resolved: ResolvedConfig, names: string | undefined): Variant[] {
  const chosen =
    names === undefined
      ? [{ name: resolved.yaml.optimizer.type, optimizer: resolved.yaml.optimizer }]
      : parse(names).map((name) => ({ name, optimizer: PRESETS[name].optimizer }));
  return chosen.map(({ name, optimizer }) => {
    const yaml = configSchema.parse({
      ...resolved.yaml,
      optimizer,
      schedule: { type: 'constant' },
      evaluation: { ...resolved.yaml.evaluation, every: 0 },
      checkpoint: { monitor: 'train_loss' },
    });
    return { name, optimizer: yaml.optimizer, resolved: { ...resolved, yaml } };
  });
}

function parse(names: string) {
  const wanted = [...new Set(names.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  const unknown = wanted.filter((name) => !isPresetName(name));
  if (wanted.length > 0 && unknown.length === 0) return wanted.filter(isPresetName);
  const received = unknown.map((name) => {
    const meant = nearest(name, presetNames);
    return `${name}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
  });
  throw new UsageError(
    'LOSSNET_USAGE',
    unknown.length === 0 ? '--optimizers names none.' : `--optimizers: unknown: ${received.join(', ')}.`,
    `Allowed, separated by commas: ${presetNames.join(', ')}.`,
  );
}
