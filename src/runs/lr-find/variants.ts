import { type OptimizerBlock, PRESETS, type PresetName, type ResolvedConfig } from '../../config/index.js';

/** An optimizer to test, and the configuration that tests it. */
export interface Variant {
  /** Name of the preset, or the type in the configuration. */
  readonly name: string;
  readonly optimizer: OptimizerBlock;
  /** Whether it is the configuration's own. */
  readonly isOwn: boolean;
  readonly resolved: ResolvedConfig;
}

/** The test sets the learning rate itself, and looks at training losses alone. */
const TESTED = {
  schedule: { type: 'constant' },
  'evaluation.every': 0,
  'checkpoint.monitor': 'train_loss',
  expect: [],
};

/**
 * @param resolved the configuration
 * @param presets to test; undefined: the configuration's own optimizer
 * @returns a variant for each, all with the same model, data and seed. None has a schedule or is evaluated
 */
export function variantsOf(resolved: ResolvedConfig, presets: readonly PresetName[] | undefined): Variant[] {
  const own = resolved.yaml.optimizer;
  const chosen =
    presets === undefined
      ? [{ name: own.type as string, optimizer: own }]
      : presets.map((name) => ({ name, optimizer: PRESETS[name].optimizer }));
  return chosen.map(({ name, optimizer }) => {
    const tested = resolved.with({ ...TESTED, optimizer });
    return { name, optimizer: tested.yaml.optimizer, isOwn: presets === undefined, resolved: tested };
  });
}
