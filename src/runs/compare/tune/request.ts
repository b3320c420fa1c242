import { UsageError } from '../../../base/errors.js';
import { plural } from '../../../base/format.js';
import { ConfigError, type EpochMetric, planRun } from '../../../config/index.js';
import { measuredOf } from '../../../train/task/index.js';
import { keyFor, keyOf } from '../../store/figures.js';
import type { CompareOptions } from '../options.js';
import type { Axis } from '../plan/axis.js';
import { evaluatedOn } from '../plan/evaluated-on.js';
import { parseRequest, problemOf } from '../plan/request.js';
import { planVariants } from '../plan/variants.js';
import { parseTune, type TuneKey } from './asked.js';
import { epochsOfTrials, rungsOf } from './halving.js';
import { planTuning, type TunedVariant } from './plan.js';
import { MOST_GROWTHS } from './search.js';

/** What is concluded from fewer seeds is mostly luck. */
const SEEDS = 3;
const MOST_RUNS = 32;

/**
 * Finds out what a tuned comparison is to do, before anything is trained or written.
 *
 * @param what presets, grids, overrides and configurations, as of `compare`
 * @param options tune: the keys; seeds, maxRuns, by: see there
 * @returns all that was asked for
 * @throws UsageError, ConfigError when something of it cannot be
 */
export function requestOf(what: readonly string[], options: CompareOptions): Job {
  refuseOthers(options);
  const keys = parseTune(options.tune ?? []);
  if (keys.length === 0) {
    throw new UsageError('LOSSNET_USAGE', '--tune names no key.', 'For example: --tune lr');
  }
  const request = parseRequest(what);
  if (request.runs.length > 0) {
    throw new UsageError(
      'LOSSNET_USAGE',
      '--tune trains anew, and these runs are trained already.',
      'Name presets or configurations.',
    );
  }
  const { config, seeds: count = SEEDS, maxRuns = MOST_RUNS, env = {} } = options;
  refuseVaried(request.axes, keys);
  const planned = planVariants(request, {
    ...{ config, seeds: 1, maxRuns: Number.POSITIVE_INFINITY, env, isAloneEnough: true },
  });
  const { variants, notes } = planTuning(planned.variants, keys);
  refuseUnlike(variants);
  return {
    ...planOf(variants, options.by, { count, maxRuns }),
    ...{ what, tune: options.tune ?? [], config: config ?? null },
    notes: [...planned.notes, ...notes],
    warnings: planned.warnings,
  };
}

/** Told by the configurations before all the trials are paid for. */
function refuseUnlike(variants: readonly TunedVariant[]): void {
  const [first, ...others] = variants as readonly [TunedVariant, ...TunedVariant[]];
  const other = others.find(({ base }) => evaluatedOn(base.yaml) !== evaluatedOn(first.base.yaml));
  if (other === undefined) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    `${first.name} and ${other.name} are not evaluated on the same samples (dataset, evaluation.limit): no figure would tell which is better.`,
    'Give them the same dataset, dataset.split and evaluation.limit; or tune each alone.',
  );
}

function refuseOthers({ shard, merge = [] }: CompareOptions): void {
  if (shard !== undefined) {
    throw new UsageError(
      'LOSSNET_USAGE',
      '--tune cannot be shared out with --shard: which trials go on is decided by the figures of all of them.',
      'Tune on one machine; then compare the best configurations with --shard.',
    );
  }
  if (merge.length > 0) {
    throw new UsageError(
      'LOSSNET_USAGE',
      '--merge joins parts that were trained, and --tune asks for a training.',
    );
  }
}

/** What is tuned is chosen, and cannot be what variants are told apart by. */
function refuseVaried(axes: readonly Axis[], keys: readonly TuneKey[]): void {
  const isRate = (key: string) => /^(lr|optimizer\.lr|schedule\.max_lr)$/.test(key);
  const problems = axes.flatMap(({ text, key }) => {
    const same = keys.find((other) => other.key === key || (isRate(other.key) && isRate(key)));
    if (same === undefined) return [];
    const help = `leave it out, or try these values: --tune ${text}`;
    return [
      problemOf(same.argument, `${key} is tuned, and ${text} would have a variant for each value`, [help]),
    ];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

/** What is tuned, how, and what follows. */
export interface Plan {
  readonly variants: readonly TunedVariant[];
  readonly rungs: readonly number[];
  readonly by: EpochMetric;
  readonly seed: number;
  readonly seeds: readonly number[];
  /** Epochs that trials and final runs take, where no grid grows. */
  readonly cost: number;
  /** So many more at most, where grids grow; 0: none can. */
  readonly growth: number;
}

/** All that was asked for. */
export interface Job extends Plan {
  readonly what: readonly string[];
  readonly tune: readonly string[];
  readonly config: string | null;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

function planOf(
  variants: readonly TunedVariant[],
  by: EpochMetric | undefined,
  { count, maxRuns }: { readonly count: number; readonly maxRuns: number },
): Plan {
  const [first] = variants as readonly [TunedVariant, ...TunedVariant[]];
  const { epochs, evaluation, seed, loss } = first.base.yaml;
  const other = variants.find(
    ({ base: { yaml } }) => yaml.epochs !== epochs || yaml.evaluation.every !== evaluation.every,
  );
  if (other !== undefined) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `--tune gives each variant as many steps, and ${first.name} and ${other.name} differ in epochs or evaluation.every.`,
      `Set them for all: epochs=${epochs} evaluation.every=${evaluation.every}`,
    );
  }
  if (by !== undefined && !/^(best_)?eval_/.test(by)) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `--tune chooses by what the validation part says, and --by ${by} is of the training part.`,
      'Leave out --by, or name a figure that begins with eval_ or best_eval_.',
    );
  }
  const lossKey = first.axes.find(({ key }) => key === 'loss' || key.startsWith('loss.'))?.key;
  const [primary] = measuredOf(planRun(first.base).source.spec.target, loss.type);
  const chosenBy = by ?? keyFor('eval', primary!);
  if (lossKey !== undefined && keyOf(chosenBy) === 'eval_loss') {
    throw new UsageError(
      'LOSSNET_USAGE',
      `--by ${chosenBy} cannot choose ${lossKey}: with each value the loss is another one, and the lowest is not the best.`,
      `Name a figure that means the same for all: --by ${keyFor('eval', primary!)}`,
    );
  }
  const seeds = variants.map(({ base }) => base.yaml.seed);
  const trials = first.points.length;
  const rungs = rungsOf(epochs, evaluation.every, trials);
  const cost = variants.length * (epochsOfTrials(trials, rungs) + count * epochs);
  const wholeRuns = Math.ceil(cost / epochs);
  if (wholeRuns > maxRuns) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `This would train as long as ${plural(wholeRuns, 'whole run')} (${plural(variants.length, 'variant')}, ${plural(trials, 'trial')} each, then ${plural(count, 'seed')}), more than ${maxRuns}.`,
      `Try fewer values, or allow it with --max-runs ${wholeRuns}.`,
    );
  }
  const canGrow = variants.some(({ axes }) => axes.some(({ scale }) => scale === 'log'));
  const growth = canGrow ? Math.min(MOST_GROWTHS * variants.length * epochs, maxRuns * epochs - cost) : 0;
  return {
    ...{ variants, rungs, seed, cost, growth },
    by: chosenBy,
    // Beyond those of every variant: whole configurations may have seeds of their own.
    seeds: Array.from({ length: count }, (_, i) => Math.max(...seeds) + 1 + i),
  };
}
