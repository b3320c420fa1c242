import { join, relative } from 'node:path';
import { UsageError } from '../../../base/errors.js';
import { PACKAGE_ROOT } from '../../../base/package.js';
import { nameOf } from '../../../config/defaults.js';
import {
  ConfigError,
  type ConfigYaml,
  type Environment,
  loadConfig,
  type Plan,
  PRESETS,
  type PresetName,
  type Problem,
  planRun,
  type ResolvedConfig,
} from '../../../config/index.js';
import { listing } from '../../../config/problems/text.js';
import { type Combination, combinations, nameOfCombination } from './axis.js';
import { problemOf, type Request } from './request.js';

/** One way of training that is compared with the others. */
export interface Variant {
  /** In tables, in `--expect`, and of its folder. */
  readonly name: string;
  readonly preset: PresetName | null;
  readonly file: string;
  /** One for each seed. */
  readonly runs: readonly PlannedRun[];
}

/** One run of a variant, valid and not yet begun. */
export interface PlannedRun {
  /** Name of the run and of its folder: the variant's, with several seeds and `-s<seed>`. */
  readonly name: string;
  readonly seed: number;
  /** Every value; name and runs_dir are those that the configuration has. */
  readonly yaml: ConfigYaml;
  readonly plan: Plan;
}

export interface VariantOptions {
  /** What presets and grids are applied to; undefined: configs/cifar-sgd.yaml of this package. */
  readonly config: string | undefined;
  readonly seeds: number;
  /** More runs than this are refused. */
  readonly maxRuns: number;
  readonly env: Environment;
  /** Whether a single variant is enough, as where its values are tuned. Default: a comparison needs two. */
  readonly isAloneEnough?: boolean;
}

interface Draft {
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
 * Makes the variants that are asked for, and validates the configuration of each run.
 *
 * @param request presets, configurations, axes and overrides
 * @param options see there
 * @returns the variants, in the order of the arguments, and what is to be said about their configurations
 * @throws ConfigError with the problems of all variants, each once; UsageError when there are too few or too many
 */
export function planVariants(
  request: Request,
  options: VariantOptions,
): { readonly variants: Variant[]; readonly notes: string[]; readonly warnings: string[] } {
  const drafts = draftsOf(request, options);
  refuseMany(drafts.length, options);
  const found = new Map<string, { problem: Problem; variants: string[] }>();
  const notes = new Set<string>();
  const warnings = new Set<string>();
  const variants = drafts.flatMap((draft): Variant[] => {
    try {
      const planned = planDraft(draft, options);
      const { runs } = planned;
      for (const note of planned.notes) notes.add(note);
      for (const warning of planned.warnings) warnings.add(warning);
      return [{ name: draft.name, preset: draft.preset, file: draft.file, runs }];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) {
        const { source, span } = problem.place;
        // An argument is another one for each variant, and what is wrong with it the same.
        const where = source.kind === 'argument' ? '' : [source.text, span?.start];
        const key = JSON.stringify([problem.path, problem.message, where]);
        const entry = found.get(key) ?? { problem, variants: [] };
        entry.variants.push(draft.name);
        found.set(key, entry);
      }
      return [];
    }
  });
  if (found.size > 0) throw new ConfigError([...found.values()].map((entry) => named(entry, drafts.length)));
  // After what is wrong with the one that there is.
  if (options.isAloneEnough !== true) refuseOne(drafts.length);
  refuseTwins(variants, request);
  return { variants, notes: [...notes], warnings: [...warnings, ...unlikeEvaluations(variants)] };
}

/** Says which variants a problem is of, unless it is of all. */
function named({ problem, variants }: { problem: Problem; variants: string[] }, total: number): Problem {
  if (variants.length === total) return problem;
  const which = `variant${variants.length === 1 ? '' : 's'} ${listing(variants)}`;
  return { ...problem, message: `${which}: ${problem.message}` };
}

function draftsOf({ presets, configs, axes, overrides }: Request, { config }: VariantOptions): Draft[] {
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

function refuseOne(variants: number): void {
  if (variants > 1) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    'A comparison needs at least two variants.',
    'For example: lossnet compare sgd adam, or lossnet compare optimizer.lr=0.1,0.01',
  );
}

function refuseMany(variants: number, { seeds, maxRuns }: VariantOptions): void {
  const runs = variants * seeds;
  if (runs <= maxRuns) return;
  const product = seeds > 1 ? `${variants} variants x ${seeds} seeds` : `${variants} variants`;
  throw new UsageError(
    'LOSSNET_USAGE',
    `This would train ${runs} runs (${product}), more than ${maxRuns}.`,
    `Compare fewer values, or allow it with --max-runs ${runs}.`,
  );
}

function planDraft(
  draft: Draft,
  { seeds, env }: VariantOptions,
): { runs: PlannedRun[] } & Pick<ResolvedConfig, 'notes' | 'warnings'> {
  const { file, preset } = draft;
  // That a preset takes the place of the optimizer is what it is for.
  const replace = preset === null ? {} : { optimizer: PRESETS[preset].optimizer };
  const first = loadConfig({ file, overrides: draft.overrides, env, replace });
  const runs = Array.from({ length: seeds }, (_, i): PlannedRun => {
    const seed = first.yaml.seed + i;
    const resolved = i === 0 ? first : first.with({ seed });
    const name = seeds === 1 ? draft.name : `${draft.name}-s${seed}`;
    return { name, seed, yaml: resolved.yaml, plan: planRun(resolved) };
  });
  const notes = [...first.notes, ...runs[0]!.plan.weights.notes()];
  return { runs, notes, warnings: first.warnings };
}

/** Two variants that are the same would only show that they are. */
function refuseTwins(variants: readonly Variant[], { presets, configs, axes }: Request): void {
  const seen = new Map<string, Variant>();
  for (const variant of variants) {
    const { name: _, ...rest } = variant.runs[0]!.yaml;
    const key = JSON.stringify(rest);
    const twin = seen.get(key);
    if (twin !== undefined) {
      const text = axes[0]?.text ?? configs[1] ?? presets[1] ?? '';
      const message = `${twin.name} and ${variant.name} are the same configuration`;
      throw new ConfigError([problemOf({ text, index: 0 }, message, ['leave one of them out'])]);
    }
    seen.set(key, variant);
  }
}

/** Said before the runs, which take long: what they are evaluated on decides whether they can be ranked. */
function unlikeEvaluations(variants: readonly Variant[]): string[] {
  const evaluated = variants.filter(({ runs }) => runs[0]!.yaml.evaluation.every > 0);
  const samples = evaluated.map(({ runs }) => evaluatedOn(runs[0]!.yaml));
  if (new Set(samples).size < 2) return [];
  return [
    'the variants are not all evaluated on the same images (dataset, evaluation.limit): where that is so, they will not be ranked',
  ];
}

/**
 * @param config of a run
 * @returns text that is the same for configurations that are evaluated on the same samples, as far as they tell
 */
export function evaluatedOn({ dataset, evaluation }: ConfigYaml): string {
  return JSON.stringify([...evaluationPart(dataset), evaluation.limit]);
}

/** What decides the samples that a data set is evaluated on. */
function evaluationPart(dataset: ConfigYaml['dataset']): unknown[] {
  switch (dataset.type) {
    case 'shapes':
      return dataset.split === null
        ? [dataset.type, dataset.eval_size, dataset.seed]
        : [dataset.type, dataset.train_size, dataset.seed, dataset.split];
    case 'cifar10':
    case 'cifar100':
    case 'mnist':
    case 'fashion_mnist':
      return [dataset.type, dataset.split === null ? dataset.eval_split : dataset.split, dataset.root];
    case 'csv':
      return dataset.eval_path === null
        ? [dataset.type, dataset.path, dataset.split]
        : [dataset.type, dataset.eval_path];
    case 'arrays': {
      const { path, inputs, targets } = dataset;
      return [
        dataset.type,
        path,
        inputs,
        targets,
        ...(dataset.eval === null ? [dataset.split] : [dataset.eval]),
      ];
    }
    case 'image_folder':
      return [dataset.type, dataset.root, dataset.labels, dataset.split];
    case 'text': {
      const { path, size, seed, level, context, stride, split } = dataset;
      return [dataset.type, ...(path === null ? [size, seed] : [path]), level, context, stride, split];
    }
    case 'custom':
      return [dataset.type, dataset.name];
  }
}

/** The path as it is from here, where that is not longer. */
function shortest(path: string): string {
  const local = relative(process.cwd(), path);
  return local.length < path.length && !local.startsWith('..') ? local : path;
}
