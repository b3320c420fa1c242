import { UsageError } from '../../../base/errors.js';
import {
  ConfigError,
  type ConfigYaml,
  namedLr,
  type Problem,
  type ResolvedConfig,
  toCamelCase,
} from '../../../config/index.js';
import { listing } from '../../../config/problems/text.js';
import { nearest } from '../../../config/validate/spelling.js';
import { patchFor } from '../../lr-find/patch.js';
import { problemOf } from '../plan/request.js';
import type { Variant } from '../plan/variants.js';
import { readValue, type TuneKey } from './asked.js';
import { around, between, type GridAxis, type Point, pointsOf, valueText } from './grid.js';

/** A variant and what is tried of it. */
export interface TunedVariant {
  readonly name: string;
  readonly preset: Variant['preset'];
  readonly file: string;
  /** Its configuration without tuning, with a part to choose by. */
  readonly base: ResolvedConfig;
  readonly axes: readonly GridAxis[];
  readonly points: readonly Point[];
}

/** A part that is held out of the training part where a configuration has none to choose by. */
const HELD_OUT = { 'dataset.split': {} };

/**
 * Plans what is tried of each variant.
 *
 * @param variants valid, without tuning
 * @param keys what is tuned
 * @returns the variants, and what is to be said of the part to choose by
 * @throws ConfigError with all that is wrong with the keys; UsageError where nothing can be chosen by
 */
export function planTuning(
  variants: readonly Variant[],
  keys: readonly TuneKey[],
): { readonly variants: TunedVariant[]; readonly notes: string[] } {
  const problems = new Map<string, Problem>();
  const report = (problem: Problem) =>
    void problems.set(`${problem.message} ${problem.help.join()}`, problem);
  let heldOut = 0;
  const planned = variants.flatMap(({ name, preset, file, runs }): TunedVariant[] => {
    const [{ plan }] = runs as [Variant['runs'][number]];
    refuseUnevaluated(plan.resolved.yaml);
    refuseTimed(plan.resolved.yaml);
    const { dataset } = plan.resolved.yaml;
    const isWhole = 'split' in dataset && dataset.split === null;
    const base = isWhole ? plan.resolved.with(HELD_OUT) : plan.resolved;
    if (isWhole) heldOut += 1;
    const axes = keys.flatMap((key) => axisOf(key, name, base, variants.length, report) ?? []);
    if (axes.length < keys.length || isAnyTwice(axes, keys, report)) return [];
    const points = pointsOf(axes);
    checkPoints({ name, base, axes, points }, keys, report);
    return [{ name, preset, file, base, axes, points }];
  });
  if (problems.size > 0) throw new ConfigError([...problems.values()]);
  const note =
    'about a tenth of the training part is held out to choose by (dataset.split.val: 0.1), in tuning and in the final runs; the test part is looked at once, at the end';
  return { variants: planned, notes: heldOut > 0 ? [note] : [] };
}

/** Whether two keys stand for the same one, as `lr` and `optimizer.lr` mostly do. */
function isAnyTwice(
  axes: readonly GridAxis[],
  keys: readonly TuneKey[],
  report: (problem: Problem) => void,
): boolean {
  const firstOf = axes.map(({ key }) => axes.findIndex((axis) => axis.key === key));
  const at = firstOf.findIndex((first, i) => first < i);
  if (at < 0) return false;
  const { argument, key } = keys[at]!;
  report(problemOf(argument, `${key} is the same as ${keys[firstOf[at]!]!.key}`, ['leave one out']));
  return true;
}

function refuseUnevaluated({ evaluation, name }: ConfigYaml): void {
  if (evaluation.every > 0) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    `--tune chooses by what the evaluation of the validation part finds, and ${name} is never evaluated (evaluation.every: 0).`,
    'Set evaluation.every=1.',
  );
}

/** What a second is worth depends on the machine and on what runs beside: the same trials would end elsewhere each time. */
function refuseTimed({ max_time: seconds, name }: ConfigYaml): void {
  if (seconds === null) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    `--tune gives each trial as many steps, and ${name} ends by the clock (max_time: ${seconds}).`,
    'Set max_time=null, and say with epochs how long a run is.',
  );
}

/** What is tried of numbers that are no scales, where nobody says what. */
const FAMILIAR: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^optimizer\.momentum$/, [0, 0.5, 0.9, 0.99]],
  [/^optimizer\.betas\.0$/, [0.5, 0.8, 0.9, 0.95]],
  [/^optimizer\.betas\.1$/, [0.9, 0.99, 0.999]],
  [/^optimizer\.weight_decay$/, [0, 0.0001, 0.001, 0.01]],
  [/^model\.(.+\.)?p$/, [0, 0.1, 0.25, 0.5]],
  [/^loss\.label_smoothing$/, [0, 0.05, 0.1, 0.2]],
];

function axisOf(
  { key: named, values, argument }: TuneKey,
  variant: string,
  base: ResolvedConfig,
  variants: number,
  report: (problem: Problem) => void,
): GridAxis | null {
  const whose = variants === 1 ? '' : `variant ${variant}: `;
  const refuse = (message: string, ...help: string[]): null => {
    report(problemOf(argument, `${whose}${message}`, help));
    return null;
  };
  const config = toCamelCase(base.yaml);
  const key = named === 'lr' ? namedLr(config).key : named;
  const overridden = scheduledBy(key, base.yaml);
  if (overridden !== null) {
    const help = key === 'optimizer.lr' ? 'tune schedule.max_lr, or write --tune lr' : overridden.help;
    return refuse(`${key} is without effect: ${overridden.why}`, help);
  }
  const has = valueAt(base.yaml, key.split('.'));
  if (has === undefined) {
    const meant = nearest(key, knownKeys(base.yaml));
    const parent = key.split('.').slice(0, -1).join('.');
    const own = parent === '' ? base.yaml : valueAt(base.yaml, parent.split('.'));
    const keys = typeof own === 'object' && own !== null ? Object.keys(own) : [];
    return refuse(
      `there is no key ${key} in ${base.yaml.name}`,
      ...(meant === undefined ? [] : [`did you mean \`${meant}\`?`]),
      ...(parent === '' || keys.length === 0 ? [] : [`keys of ${parent}: ${keys.join(', ')}`]),
    );
  }
  const usual = typeof has === 'number' || typeof has === 'string' ? has : null;
  if (values !== null && !('low' in values)) {
    return {
      key,
      scale: 'list',
      values: values.map(readValue),
      usual: has === null ? 'null' : (usual ?? String(has)),
    };
  }
  if (typeof has !== 'number' && has !== null) {
    const what = typeof has === 'object' ? 'a block' : `\`${String(has)}\``;
    return refuse(`${key} is no number but ${what}`, `name the values: --tune ${key}=a,b`);
  }
  const isWhole = has !== null && isWholeNumber(base, key, has);
  if (values !== null) {
    const all = between(values.low, values.high);
    if (!isWhole) return { key, scale: 'log', values: all, usual };
    // Beyond and between them lie fractions.
    return { key, scale: 'list', values: [...new Set(all.map(Math.round))], usual };
  }
  const [, familiar] = FAMILIAR.find(([pattern]) => pattern.test(key)) ?? [];
  if (familiar !== undefined) {
    const all = usual === null || familiar.includes(has as number) ? familiar : [...familiar, has as number];
    return { key, scale: 'list', values: [...all].sort((a, b) => a - b), usual };
  }
  if (has === null || has <= 0) {
    return refuse(
      `${key} is ${has}, and there is no range around that`,
      `name a range: --tune ${key}=0.0001..0.1; or values: --tune ${key}=0,0.001,0.01`,
    );
  }
  if (isWhole) {
    const some = [...new Set([Math.ceil(has / 2), has, 2 * has])].join(',');
    return refuse(
      `${key} is a whole number, and which to try is not known`,
      `name them: --tune ${key}=${some}`,
    );
  }
  return { key, scale: 'log', values: around(has), usual: has };
}

/** Whether the schema takes no fractions for a key. */
function isWholeNumber(base: ResolvedConfig, key: string, has: number): boolean {
  if (!Number.isInteger(has)) return false;
  try {
    base.with([`${key}=${has + 0.5}`]);
    return false;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.some(({ path, message }) => path === key && message.includes('expected integer'));
  }
}

/** Why what a key says is not what the run does; null: it is. */
function scheduledBy(
  key: string,
  { schedule }: ConfigYaml,
): { readonly why: string; readonly help: string } | null {
  if (schedule.type !== 'one_cycle') return null;
  if (key === 'optimizer.lr') return { why: 'the schedule one_cycle sets the learning rate', help: '' };
  if (!schedule.cycle_momentum || !/^optimizer\.(momentum|betas\.0)$/.test(key)) return null;
  return {
    why: 'the schedule one_cycle sets it too (cycle_momentum)',
    help: 'tune schedule.max_momentum, or set schedule.cycle_momentum=false',
  };
}

/** Whether every value is one that the configuration may have: refused before anything is trained. */
function checkPoints(
  { name, base, axes, points }: Pick<TunedVariant, 'name' | 'base' | 'axes' | 'points'>,
  keys: readonly TuneKey[],
  report: (problem: Problem) => void,
): void {
  for (const point of points) {
    try {
      tunedConfig({ base, axes }, point);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const { path, message, help } of error.problems) {
        const at = axes.findIndex(({ key }) => key === path);
        const { argument } = keys[at] ?? keys[0]!;
        const where = path === '' ? '' : `${path}: `;
        report(problemOf(argument, `variant ${name}: ${where}${message}`, help));
      }
      return;
    }
  }
}

/**
 * @param variant what is tuned
 * @param point values of its axes
 * @param seed in place of the configuration's own
 * @returns the variant's configuration with these values
 * @throws ConfigError when one of them is none that it may have
 */
export function tunedConfig(
  { base, axes }: Pick<TunedVariant, 'base' | 'axes'>,
  point: Point,
  seed?: number,
): ResolvedConfig {
  const overrides = axes.flatMap(({ key }, i): readonly string[] => {
    const value = point[i]!;
    const isRate = typeof value === 'number' && key === namedLr(toCamelCase(base.yaml)).key;
    // With the learning rate go those of the optimizer's groups.
    if (isRate) return patchFor(base.yaml, { optimizer: base.yaml.optimizer, isOwn: true }, value).overrides;
    return [`${key}=${value}`];
  });
  return base.with([...overrides, ...(seed === undefined ? [] : [`seed=${seed}`])]);
}

/** What is at a path of a block; undefined: nothing. */
export function valueAt(block: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return block;
  if (typeof block !== 'object' || block === null || !Object.hasOwn(block, key)) return undefined;
  return valueAt((block as Record<string, unknown>)[key], rest);
}

/** Dotted paths of what can be tuned, as far as the configuration has it. */
function knownKeys(yaml: ConfigYaml): string[] {
  return Object.entries(yaml).flatMap(([block, value]: [string, unknown]) => {
    const isBlock = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isBlock ? Object.keys(value as object).map((key) => `${block}.${key}`) : [block];
  });
}

/** `optimizer.lr=0.032, optimizer.momentum=0.9`. */
export function pointText(axes: readonly GridAxis[], point: Point): string {
  return listing(axes.map(({ key }, i) => `${key}=${valueText(point[i]!)}`));
}
