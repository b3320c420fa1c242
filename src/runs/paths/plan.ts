import { join } from 'node:path';
import { UsageError } from '../../base/errors.js';
import {
  ConfigError,
  type ConfigInput,
  type ConfigYaml,
  loadConfig,
  namedLr,
  optimizerOptions,
  PRESETS,
  type Problem,
  type ResolvedConfig,
  toCamelCase,
} from '../../config/index.js';
import type { Walker } from '../../train/paths/follow.js';
import { combinations, nameOfCombination } from '../compare/plan/axis.js';
import { parseRequest, problemOf, type Request } from '../compare/plan/request.js';
import { type Surroundings, tell } from '../surroundings.js';

/** An optimizer that is to walk, checked. */
export interface PlannedVariant {
  readonly name: string;
  readonly yaml: ConfigYaml;
  readonly isLrNamed: boolean;
  /** @param lr in the place of its own */
  walker(lr?: number): Walker;
  /** The learning rate that it has. */
  readonly lr: number;
}

interface Head {
  readonly name: string;
  readonly preset: keyof typeof PRESETS | null;
  /** A configuration; null: the plain one that presets are applied to. */
  readonly file: string | null;
}

/** What means something on a surface. */
const COUNTS = /^(optimizer|schedule|clip_grad_norm|clip_grad_value|seed)([.=]|$)/;
/** Where no optimizer is named. */
const USUAL: readonly string[] = ['sgd', 'momentum', 'rmsprop', 'adam'];
/** What errors call the plain configuration: a value that comes from there was named by nobody. */
const BUILT_IN = 'lossnet paths';

/** A training whose epochs are steps: schedules are the same in both, and are checked against them. */
const base = (steps: number): ConfigInput => ({
  name: 'paths',
  epochs: steps,
  dataset: { type: 'shapes', train_size: 10, eval_size: 10 },
  loader: { batch_size: 10 },
  model: [{ type: 'flatten' }, { type: 'linear', out_features: 10 }],
  // Without a learning rate, which another optimizer would drop, and of which nobody has to be told.
  optimizer: { type: 'sgd' },
});

/**
 * Makes the optimizers that are asked for, in the words of `compare`.
 *
 * @param args presets, configurations, folders of runs, `key=a,b` and `key=value`
 * @param options config: what presets and grids are applied to; steps: of a path; maxVariants: more are refused
 * @param before what is wrong already, to be told along
 * @returns the variants, in the order of the arguments
 * @throws ConfigError with the problems of all; UsageError when there are too many
 */
export function planPaths(
  args: readonly string[],
  options: Surroundings & {
    readonly config: string | undefined;
    readonly steps: number;
    readonly maxVariants: number;
  },
  before: readonly Problem[] = [],
): PlannedVariant[] {
  const request = requestOf(args, before);
  const drafts = headsOf(request, options.config).flatMap((head) =>
    combinations(request.axes).map((combination) => ({
      ...head,
      name: [head.name, nameOfCombination(combination)].filter((part) => part !== '').join('-') || 'sgd',
      overrides: [...request.overrides, ...combination.map(({ axis, value }) => `${axis.key}=${value}`)],
    })),
  );
  if (drafts.length > options.maxVariants) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `This would be ${drafts.length} variants, and --max-variants allows ${options.maxVariants}.`,
      `Name fewer values, or allow it with --max-variants ${drafts.length}.`,
    );
  }
  const problems = new Map<string, Problem>();
  const variants = drafts.flatMap((draft) => {
    try {
      return [planOne(draft, options)];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.set(`${problem.path} ${problem.message}`, problem);
      return [];
    }
  });
  if (problems.size > 0) throw new ConfigError([...problems.values()]);
  refuseTwins(variants, args);
  return variants;
}

/** All that is wrong with the arguments at once: what `compare` refuses, and what means nothing here. */
function requestOf(args: readonly string[], before: readonly Problem[]): Request {
  const own = args.flatMap((text, index): Problem[] => {
    const key = /^([a-z_][\w.]*)=/.exec(text)?.[1];
    if (key === undefined) return [];
    if (!COUNTS.test(key)) {
      const help = [
        'what counts: optimizer, schedule, clip_grad_norm, clip_grad_value, seed',
        'how many steps: --steps',
      ];
      return [problemOf({ text, index }, `${key} means nothing on a surface`, help)];
    }
    if (key !== 'seed' || !text.includes(',')) return [];
    return [
      problemOf({ text, index }, 'seed cannot vary', ['draw one noise after the other: seed=1, then seed=2']),
    ];
  });
  const idle = [...before, ...own];
  const known = args.filter((text) => !own.some(({ place }) => place.source.text === text));
  try {
    const request = parseRequest(namesOptimizer(known) ? known : [...USUAL, ...known]);
    if (idle.length > 0) throw new ConfigError(idle);
    return request;
  } catch (error) {
    if (!(error instanceof ConfigError) || error.problems === idle) throw error;
    throw new ConfigError([...idle, ...error.problems.filter((problem) => !idle.includes(problem))]);
  }
}

/** What is neither a schedule nor clipping nor a seed says which optimizers are meant. */
const namesOptimizer = (args: readonly string[]) =>
  args.some((text) => !/^(schedule|clip_grad_norm|clip_grad_value|seed)[.=]/.test(text));

function headsOf({ presets, configs, runs }: Request, config: string | undefined): Head[] {
  if (configs.length + runs.length > 0 && config !== undefined) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `--config ${config} is what presets and grids are applied to, and ${configs[0] ?? runs[0]} is a whole configuration.`,
      'Leave one of the two out.',
    );
  }
  const files = [
    ...configs.map((file) => ({ file, name: file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/i, '') })),
    ...runs.map((run) => ({
      file: join(run, 'config.yaml'),
      name: run.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, ''),
    })),
  ];
  if (files.length > 0) return files.map((own) => ({ ...own, preset: null }));
  const file = config ?? null;
  return presets.length > 0
    ? presets.map((preset) => ({ name: preset, preset, file }))
    : [{ name: '', preset: null, file }];
}

function planOne(
  { name, preset, file, overrides }: Head & { readonly overrides: readonly string[] },
  options: Surroundings & { readonly steps: number },
): PlannedVariant {
  const { env = {}, steps } = options;
  const replace = preset === null ? {} : { optimizer: PRESETS[preset].optimizer };
  const from = file === null ? { config: base(steps), file: BUILT_IN } : { file, isRecord: true };
  const named = loadConfig({ ...from, overrides, env, replace });
  const own = file === null ? named : onSurface(named, steps);
  for (const text of [...named.notes, ...(file === null ? [] : own.notes)])
    tell(options, { type: 'note', text });
  for (const text of own.warnings) tell(options, { type: 'warning', text });
  refuseUnfit(named);
  const config = toCamelCase(own.yaml);
  const { key, lr } = namedLr(config);
  return {
    name,
    yaml: own.yaml,
    lr,
    isLrNamed: isNamed(named, key, overrides),
    walker(other = lr) {
      const { optimizer, schedule } = config;
      const varied = {
        ...config,
        ...(key === 'optimizer.lr' && { optimizer: { ...optimizer, lr: other } }),
        ...(schedule.type === 'one_cycle' && { schedule: { ...schedule, maxLr: other } }),
      };
      return { optimizer: optimizerOptions(varied), schedule: varied.schedule, clip: config };
    },
  };
}

/** The same optimizer and schedule in a run of so many steps, against which the schedule is checked. */
function onSurface({ yaml, file }: ResolvedConfig, steps: number): ResolvedConfig {
  const { optimizer, schedule, clip_grad_norm, clip_grad_value, seed } = yaml;
  const config = { ...base(steps), optimizer, schedule, clip_grad_norm, clip_grad_value, seed };
  return loadConfig({ config, file });
}

/** The learning rate that a preset begins with is one for networks: it counts as none. */
function isNamed({ origins }: ResolvedConfig, key: string, overrides: readonly string[]): boolean {
  const origin = origins.get(key);
  switch (origin?.kind) {
    case 'env':
      return true;
    case 'file':
      return origin.file !== BUILT_IN;
    case 'argument':
      return overrides.includes(origin.text);
    default:
      return false;
  }
}

function refuseUnfit(resolved: ResolvedConfig): void {
  const { optimizer, schedule } = resolved.yaml;
  const problems: Problem[] = [];
  if (optimizer.groups.length > 0) {
    const help = ['leave them out, or set optimizer.groups=[]'];
    problems.push(
      resolved.problem('optimizer.groups', 'a surface has one parameter, and no groups of them', help),
    );
  }
  if (schedule.type === 'reduce_on_plateau' && !/loss$/.test(schedule.monitor)) {
    const message = `a surface has a value, which is the loss; received ${schedule.monitor}`;
    problems.push(resolved.problem('schedule.monitor', message, ['set schedule.monitor=eval_loss']));
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

function refuseTwins(variants: readonly PlannedVariant[], args: readonly string[]): void {
  const seen = new Map<string, PlannedVariant>();
  for (const variant of variants) {
    const { optimizer, schedule, clip_grad_norm, clip_grad_value } = variant.yaml;
    const key = JSON.stringify([optimizer, schedule, clip_grad_norm, clip_grad_value]);
    const twin = seen.get(key);
    if (twin !== undefined) {
      const message = `${twin.name} and ${variant.name} are the same optimizer`;
      throw new ConfigError([
        problemOf({ text: args[0] ?? '', index: 0 }, message, ['leave one of them out']),
      ]);
    }
    seen.set(key, variant);
  }
}
