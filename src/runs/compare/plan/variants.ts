import { UsageError } from '../../../base/errors.js';
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
import { type Draft, draftsOf } from './drafts.js';
import { unlikeEvaluations } from './evaluated-on.js';
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
  const drafts = draftsOf(request, options.config);
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
  const unlike = unlikeEvaluations(variants.map(({ runs }) => runs[0]!.yaml));
  return { variants, notes: [...notes], warnings: [...warnings, ...unlike] };
}

/** Says which variants a problem is of, unless it is of all. */
function named({ problem, variants }: { problem: Problem; variants: string[] }, total: number): Problem {
  if (variants.length === total) return problem;
  const which = `variant${variants.length === 1 ? '' : 's'} ${listing(variants)}`;
  return { ...problem, message: `${which}: ${problem.message}` };
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
