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
import { patchFor } from '../../lr-find/patch.js';
import { problemOf } from '../plan/request.js';
import type { Variant } from '../plan/variants.js';
import type { TuneKey } from './asked.js';
import { axisOf } from './axes.js';
import { type GridAxis, type Point, pointsOf, valueText } from './grid.js';

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

/** `optimizer.lr=0.032, optimizer.momentum=0.9`. */
export function pointText(axes: readonly GridAxis[], point: Point): string {
  return listing(axes.map(({ key }, i) => `${key}=${valueText(point[i]!)}`));
}
