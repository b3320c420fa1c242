import { join, relative } from 'node:path';
import { UsageError } from '../../../base/errors.js';
import { PACKAGE_ROOT } from '../../../base/package.js';
import { nameOf } from '../../../config/defaults.js';
import type { PresetName } from '../../../config/index.js';
import { type Combination, combinations, nameOfCombination } from './axis.js';
import type { Request } from './request.js';

/** A variant with its name and what is to be set, not yet looked at. */
export interface Draft {
  readonly name: string;
  readonly preset: PresetName | null;
  readonly file: string;
  readonly overrides: readonly string[];
}

const DEFAULT_CONFIG = join(PACKAGE_ROOT, 'configs/cifar-sgd.yaml');
const LONGEST_NAME = 60;
/** Names that the folder of a comparison has other uses for. */
const RESERVED = /^(configs|logs|trials|best\.yaml|report.*|compare\.json)$/i;

/**
 * @param request presets, configurations, axes and overrides
 * @param config what presets and grids are applied to; undefined: configs/cifar-sgd.yaml of this package
 * @returns the variants that they make, each with a name of its own
 * @throws UsageError when a base is given beside whole configurations
 */
export function draftsOf(
  { presets, configs, axes, overrides }: Request,
  config: string | undefined,
): Draft[] {
  if (configs.length > 0 && config !== undefined) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `--config ${config} is what presets and grids are applied to, and ${configs[0]} is a whole configuration.`,
      'Leave one of the two out.',
    );
  }
  const base = config ?? shortest(DEFAULT_CONFIG);
  const names = uniqueNames(configs);
  const heads: { name: string; preset: PresetName | null; file: string }[] =
    configs.length > 0
      ? configs.map((file, i) => ({ name: names[i]!, preset: null, file }))
      : presets.length > 0
        ? presets.map((preset) => ({ name: preset, preset, file: base }))
        : [{ name: axes.length === 0 ? nameOf(base) : '', preset: null, file: base }];
  // A single configuration with a grid: its name would only repeat itself.
  const isAlone = heads.length === 1 && heads[0]!.preset === null && axes.length > 0;
  const drafts = heads.flatMap(({ name, preset, file }) =>
    combinations(axes).map((combination) => ({
      name: [isAlone ? '' : name, nameOfCombination(combination)].filter((part) => part !== '').join('-'),
      preset,
      file,
      overrides: [...overrides, ...assignments(combination)],
    })),
  );
  return drafts.map((draft, i) => ({ ...draft, name: legalName(draft.name, i, drafts) }));
}

const assignments = (combination: Combination) =>
  combination.map(({ axis, value }) => `${axis.key}=${value}`);

/** Names that are long, odd or taken are cut short and numbered. */
function legalName(name: string, index: number, all: readonly Draft[]): string {
  const isTaken = all.some((other, i) => i !== index && other.name.toLowerCase() === name.toLowerCase());
  if (/^[A-Za-z0-9]/.test(name) && name.length <= LONGEST_NAME && !isTaken && !RESERVED.test(name))
    return name;
  return `${name.slice(0, LONGEST_NAME - 4).replace(/^[^A-Za-z0-9]+/, '') || 'variant'}-v${index + 1}`;
}

/** The files' names, with their folder in front where two are alike. */
function uniqueNames(files: readonly string[]): string[] {
  const stems = files.map(nameOf);
  return files.map((file, i) => {
    const isTaken = stems.some((stem, j) => j !== i && stem === stems[i]);
    return isTaken ? nameOf(file.replace(/^[./]+/, '').replace(/[/\\]+/g, '-')) : stems[i]!;
  });
}

/** The path as it is from here, where that is not longer. */
function shortest(path: string): string {
  const local = relative(process.cwd(), path);
  return local.length < path.length && !local.startsWith('..') ? local : path;
}
