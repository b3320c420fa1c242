import { setImmediate as nextTurn } from 'node:timers/promises';
import { UsageError } from '../../base/errors.js';
import {
  buildRun,
  type Config,
  type ConfigYaml,
  initialize,
  type OptimizerBlock,
  PRESETS,
  type PresetName,
  planRun,
  type ResolvedConfig,
} from '../../config/index.js';
import { type LrPoint, type LrRange, lrRangeTest } from '../../train/lr-range-test.js';
import { lrCurve, suggestLr } from '../../train/lr-suggestion.js';
import { lrTrial } from '../../train/lr-trial.js';
import { stateSha256 } from '../../train/model/weights.js';
import type { TrainerParts } from '../../train/trainer.js';
import { isStopped, tell } from '../surroundings.js';
import { prepare } from '../train/prepare.js';
import { checkWhole } from '../whole-number.js';
import type { LrFinding, LrFindOptions, LrResult, LrTest, Variant } from './result.js';
import { tryOut } from './try-out.js';

/** Less show nothing. */
const LEAST_STEPS = 10;
const RANGE = { min: 1e-7, max: 10 } as const;
/** Steps of the first test, and of the second one where the first shows too little. */
const STEPS = { first: 200, second: 800 } as const;
/** A fall of the loss by this share is enough for the first. */
const ENOUGH = 0.05;

/**
 * Learning-rate range test: trains models that are thrown away with a learning rate that grows from step to step until the
 * loss diverges, and suggests one safely below that. Writes nothing.
 *
 * @param resolved the configuration
 * @param options what to test, and what stops it
 * @returns what it showed; null when it was told to stop
 * @throws UsageError when the range is empty; ConfigError, LossnetError when something cannot be
 */
export async function findLr(
  resolved: ResolvedConfig,
  options: LrFindOptions = {},
): Promise<LrFinding | null> {
  const { min = RANGE.min, max = RANGE.max } = options;
  checkWhole('steps', options.steps, LEAST_STEPS);
  if (!(min > 0 && min < max && Number.isFinite(max))) {
    throw new UsageError('LOSSNET_USAGE', `A learning rate cannot grow from ${min} to ${max}.`);
  }
  if (resolved.yaml.parallel !== null) {
    throw new UsageError(
      'LOSSNET_USAGE',
      'parallel is on, and a learning-rate range test runs in one process: several would find the same.',
      'Add parallel=null. The batch is that of all ranks together, so that what it finds holds for them.',
    );
  }
  const variants = variantsOf(resolved, options.optimizers);
  const plan = planRun(variants[0]!.resolved);
  for (const text of plan.weights.notes()) tell(options, { type: 'note', text });
  scalesOf(plan.config.optimizer); // refuses, before anything is loaded
  const data = await prepare(plan, options);
  if (data === null) return null;
  const test: LrTest = { plan, data, range: { min, max }, names: variants.map(({ name }) => name) };
  options.onBegin?.(test);
  const results: LrResult[] = [];
  for (const variant of variants) {
    const result = await findOne(variant, test, options);
    if (result === null) return null;
    results.push(result);
  }
  return { ...test, results };
}

async function findOne(variant: Variant, test: LrTest, options: LrFindOptions): Promise<LrResult | null> {
  const { steps } = options;
  const first = await rangeTest(variant, steps ?? STEPS.first, test, options);
  if (first === null || steps !== undefined) return first && tried(first, test, options);
  const { suggestion } = first;
  const early =
    suggestion.found && suggestion.fallShare >= ENOUGH ? await tried(first, test, options) : first;
  if (early === null || (early.trials.length > 0 && early.suggestion.found)) return early;
  // Models that learn slowly at first need more steps at each learning rate than others; and too large a momentum
  // needs some to break, so that a few steps seem to allow more than training does.
  const second = await rangeTest(variant, STEPS.second, test, options);
  if (second === null) return null;
  if (second.suggestion.found || !suggestion.found) return tried(second, test, options);
  return early.trials.length > 0 ? early : tried(first, test, options);
}

/** A result whose suggestion held when it was tried, or that has none; null when it was told to stop. */
async function tried(result: LrResult, test: LrTest, options: LrFindOptions): Promise<LrResult | null> {
  const { suggestion, name } = result;
  if (!suggestion.found) return result;
  const { start, fallShare } = suggestion;
  const least = Math.min(result.range.steps, STEPS.first);
  const goal = { start, fall: fallShare * Math.abs(start), least, most: 4 * least };
  const outcome = await tryOut(suggestion, test.range.min, (lr) =>
    fromFirstWeights(result, test, async (parts, scales) => {
      const run = lrTrial(parts, lr, goal, scales);
      let step = 0;
      let next = run.next();
      for (; !next.done; next = run.next()) {
        step += 1;
        options.onTrial?.({ name, lr, step, steps: goal.most, loss: next.value });
        await nextTurn();
        if (isStopped(options)) return null;
      }
      return next.value;
    }),
  );
  return outcome && { ...result, ...outcome, computedLr: suggestion.lr };
}

/** One range test; null when it was told to stop. */
async function rangeTest(
  variant: Variant,
  steps: number,
  lrTest: LrTest,
  options: LrFindOptions,
): Promise<LrResult | null> {
  const { min, max } = lrTest.range;
  const range: LrRange = { min, max, steps };
  return fromFirstWeights(variant, lrTest, async (parts, scales, initSha256) => {
    const points: LrPoint[] = [];
    const test = lrRangeTest(parts, range, scales);
    let next = test.next();
    for (; !next.done; next = test.next()) {
      points.push(next.value);
      options.onStep?.({ name: variant.name, steps, point: next.value });
      await nextTurn();
      if (isStopped(options)) return null;
    }
    const curve = lrCurve(points, range);
    const suggestion = suggestLr(points, range);
    const { orderSha256 } = parts.loader;
    const found = { range, points, curve, end: next.value, suggestion, initSha256, orderSha256 };
    return { ...variant, ...found, computedLr: null, trials: [] };
  });
}

/** Gives a model its first weights, has something done with it, and throws it away. */
async function fromFirstWeights<T>(
  variant: Variant,
  { data }: LrTest,
  work: (parts: TrainerParts, scales: readonly number[], initSha256: string) => Promise<T>,
): Promise<T> {
  const plan = planRun(variant.resolved);
  const { parts } = buildRun(plan, data, null);
  try {
    initialize(plan);
    return await work(parts, scalesOf(plan.config.optimizer), stateSha256(plan.model.state));
  } finally {
    parts.program.dispose();
    parts.optimizer.dispose();
    plan.model.dispose();
  }
}

/** The learning rates of an optimizer's groups as multiples of its own: in the test, all of them grow alike. */
function scalesOf({ lr, groups }: Config['optimizer']): number[] {
  if (lr === 0 && groups.some((group) => group.lr !== undefined)) {
    throw new UsageError(
      'LOSSNET_USAGE',
      'optimizer.lr is 0, and in the test the learning rates of groups grow in proportion to it.',
      'Set optimizer.lr above 0: what counts is its proportion to those of the groups.',
    );
  }
  return groups.map((group) => (group.lr === undefined ? 1 : group.lr / lr));
}

/** The configuration's own optimizer for the test, which has no one_cycle: its peaks are learning rates there. */
function ownOptimizer({ optimizer, schedule }: ConfigYaml): OptimizerBlock {
  if (schedule.type !== 'one_cycle' || optimizer.groups.length === 0) return optimizer;
  const groups = optimizer.groups.map(({ max_lr = schedule.max_lr, ...group }) => ({ ...group, lr: max_lr }));
  return { ...optimizer, lr: schedule.max_lr, groups } as OptimizerBlock;
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
function variantsOf(resolved: ResolvedConfig, presets: readonly PresetName[] | undefined): Variant[] {
  const own = ownOptimizer(resolved.yaml);
  const chosen =
    presets === undefined
      ? [{ name: own.type as string, optimizer: own }]
      : presets.map((name) => ({ name, optimizer: PRESETS[name].optimizer }));
  return chosen.map(({ name, optimizer }) => {
    const tested = resolved.with({ ...TESTED, optimizer });
    return { name, optimizer: tested.yaml.optimizer, isOwn: presets === undefined, resolved: tested };
  });
}
