import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../base/errors.js';
import { VERSION } from '../../../base/package.js';
import { exists } from '../../../base/read.js';
import { ConfigError, type EpochMetric, planRun } from '../../../config/index.js';
import { measuredOf } from '../../../train/task/index.js';
import type { Notice } from '../../notices.js';
import { keyFor } from '../../store/figures.js';
import { isStopped, tell } from '../../surroundings.js';
import { expectedBy } from '../../train/judge.js';
import { checkSameRun } from '../../train/resume.js';
import type { Until } from '../execute/protocol.js';
import { threadsFor } from '../execute/schedule.js';
import { isUnfinished, trainAll, unfinished } from '../execute/train-all.js';
import { Workers } from '../execute/workers.js';
import { type Asked, ComparisonFolder, folderName, hashOf, TRIALS } from '../folder.js';
import { comparisonOf } from '../judge/comparison.js';
import { resultsRecord } from '../judge/record.js';
import { type Compared, type CompareOptions, criteriaOf } from '../options.js';
import type { Axis } from '../plan/axis.js';
import { parseRequest, problemOf } from '../plan/request.js';
import { type PlannedRun, planVariants, type Variant } from '../plan/variants.js';
import { report, resultsOf } from '../results.js';
import { parseTune, type TuneKey } from './asked.js';
import { ETA, epochsOfTrials, rungsOf } from './halving.js';
import { planTuning, type TunedVariant, tunedConfig } from './plan.js';
import { tuningRecord } from './record.js';
import { search, type Tuned } from './search.js';
import { trialOf } from './trials.js';
import { goodRange, type Tuning } from './tuning.js';
import { writeBest } from './winner.js';

/** What is concluded from fewer seeds is mostly luck. */
const SEEDS = 3;
const MOST_RUNS = 32;

/**
 * Tunes each variant with an equal number of trials, then compares the best of each: trained anew with seeds that tuning has not
 * seen, ranked by the part that chooses, the test part beside it.
 *
 * @param what presets, grids, overrides and configurations, as of `compare`
 * @param options tune: the keys; seeds: of the final runs, by default 3; maxRuns: here what all of it may cost, in whole runs
 * @returns what came of it; null when it was told to stop
 * @throws UsageError, ConfigError when something of the request cannot be; LossnetError when a folder cannot be written
 */
export async function compareTuned(
  what: readonly string[],
  options: CompareOptions,
): Promise<Compared | null> {
  refuseOthers(options);
  const keys = parseTune(options.tune ?? []);
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
  const about = { config: config ?? null, count, maxRuns };
  const plan = planOf(variants, options.by, about);
  return await run(
    {
      ...plan,
      what,
      tune: options.tune ?? [],
      config: about.config,
      notes: [...planned.notes, ...notes],
      warnings: planned.warnings,
    },
    options,
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

interface Plan {
  readonly variants: readonly TunedVariant[];
  readonly rungs: readonly number[];
  readonly by: EpochMetric;
  readonly seed: number;
  readonly seeds: readonly number[];
}

interface Job extends Plan {
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
  const [primary] = measuredOf(planRun(first.base).source.spec.target, loss.type);
  const trials = first.points.length;
  const rungs = rungsOf(epochs, evaluation.every, trials);
  const cost = Math.ceil(variants.length * (epochsOfTrials(trials, rungs) / epochs + count));
  if (cost > maxRuns) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `This would train as long as ${cost} whole runs (${variants.length} variants, ${trials} trials each, then ${count} seeds), more than ${maxRuns}.`,
      `Try fewer values, or allow it with --max-runs ${cost}.`,
    );
  }
  return {
    ...{ variants, rungs, seed },
    by: by ?? keyFor('eval', primary!),
    seeds: Array.from({ length: count }, (_, i) => seed + 1 + i),
  };
}

/** All that decides the results. */
function sha256Of({ rungs, by, seeds }: Plan, trials: readonly Variant[]): string {
  const decisive = [hashOf(trials), rungs, ETA, by, seeds];
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex');
}

async function run(job: Job, options: CompareOptions): Promise<Compared | null> {
  const { variants, rungs, by, seeds, notes } = job;
  const { jobs, force = false, env = {}, onEvent = () => {} } = options;
  const names = variants.map(({ name }) => name);
  const trials = variants.map((variant): Variant => {
    const taken = new Set<string>();
    const runs = variant.points.map((point) => {
      const { run } = trialOf(variant, point, 'grid', taken);
      taken.add(run.name.toLowerCase());
      return run;
    });
    return { ...variant, runs };
  });
  const all = trials.flatMap((variant) => variant.runs);
  const measured = all.flatMap(({ plan }) => measuredOf(plan.source.spec.target, plan.config.loss.type));
  const hasTest = all.some(({ plan }) => plan.source.spec.hasTest);
  const expected = variants.flatMap(({ base }) => expectedBy(planRun(base)));
  const criteria = criteriaOf({ ...options, by }, names, measured, hasTest, expected);
  const sha256 = sha256Of(job, trials);
  const runsDir = variants[0]!.base.yaml.runs_dir;
  const folder = new ComparisonFolder(join(runsDir, folderName([...names, 'tuned'], sha256, options.name)));
  const trialFolder = new ComparisonFolder(join(folder.path, TRIALS));
  let workers: Workers | undefined;
  try {
    const before = await folder.claim(sha256, force);
    await trialFolder.claim(sha256, false);
    const threads =
      before?.threads ??
      // Not by --jobs: which trials go on must not depend on it, and threads decide the last bit of a figure.
      threadsFor(all, { cores: availableParallelism(), jobs: undefined, env });
    const nameOf = (variant: string, seed: number) => (seeds.length === 1 ? variant : `${variant}-s${seed}`);
    const asked: Asked = {
      ...{ type: 'comparison', lossnet: VERSION, sha256 },
      ...{ arguments: job.what, tune: job.tune, config: job.config, seeds: seeds.length, threads },
      variants: variants.map(({ name, file }) => ({
        name,
        config: file,
        runs: seeds.map((seed) => nameOf(name, seed)),
      })),
      results: before?.results ?? null,
    };
    folder.write(asked);
    onEvent({ type: 'tuning', folder: folder.path, variants, notes, rungs, seeds, by });
    const warnings = job.warnings.map((text): Notice => ({ type: 'warning', text }));
    for (const warning of warnings) tell(options, warning);
    const said = [...notes.map((text): Notice => ({ type: 'note', text })), ...warnings];
    workers = new Workers(env, threads);
    const train = (where: ComparisonFolder, runs: readonly PlannedRun[], until: Until) =>
      trainAll(runs, { folder: where, workers: workers!, jobs, onEvent, said, until }, options);

    const began = performance.now();
    const tuned = await search(
      variants,
      {
        ...{ folder: trialFolder, rungs, by, onEvent },
        isUnfinished: (name, until) => isUnfinished(trialFolder.run(name), until),
        trainTo: (runs, until) => train(trialFolder, runs, until),
        onTrials: (runs) =>
          trialFolder.write({ type: 'comparison', lossnet: VERSION, sha256, threads, variants: runs }),
      },
      options,
    );
    if (tuned === null) {
      const done = all.filter(({ name }) => !isUnfinished(trialFolder.run(name), rungs[0]!)).length;
      onEvent({ type: 'interrupted', what: 'trial', done, runs: all.length });
      return null;
    }
    onEvent({ type: 'tuned', tuned, seconds: (performance.now() - began) / 1000 });

    const finals = tuned.map(
      (result): Variant => ({ ...result.variant, runs: finalsOf(result, seeds, nameOf) }),
    );
    const runs = finals.flatMap((variant) => variant.runs);
    for (const { name, plan } of runs) {
      const own = folder.run(name);
      if (exists(own.config)) checkSameRun(plan.resolved, own);
    }
    const left = unfinished(runs, folder);
    onEvent({ type: 'training', left });
    const trainingBegan = performance.now();
    const outcomes = await train(folder, left, null);
    const seconds = (performance.now() - trainingBegan) / 1000;
    onEvent({ type: 'trained', runs: outcomes.size, seconds });
    if (isStopped(options)) {
      const done = runs.length - unfinished(runs, folder).length;
      onEvent({ type: 'interrupted', what: 'run', done, runs: runs.length });
      return null;
    }
    const results = resultsOf(finals, folder, outcomes);
    const shared = jobs !== 1;
    const tuning = tuningOf(
      job,
      tuned,
      results.flatMap((result) => result.runs[0]?.metrics ?? []),
    );
    const comparison = comparisonOf(results, { ...criteria, title: folder.path, shared, tuning });
    const winner = writeBest(folder, comparison, tuning);
    const record = {
      ...asked,
      results: { ...resultsRecord(comparison), tuning: tuningRecord(tuning, winner) },
    };
    folder.write(record);
    onEvent({ type: 'compared', comparison, tuning, winner, record, folder: folder.path });
    await report(folder, workers, onEvent);
    return { comparison, tuning, winner, folder: folder.path, leftOut: 0, failed: 0 };
  } finally {
    workers?.close();
    trialFolder.release();
    folder.release();
  }
}

function finalsOf(
  { variant, best }: Tuned,
  seeds: readonly number[],
  nameOf: (variant: string, seed: number) => string,
): PlannedRun[] {
  return seeds.map((seed): PlannedRun => {
    const resolved = tunedConfig(variant, best.point, seed);
    return { name: nameOf(variant.name, seed), seed, yaml: resolved.yaml, plan: planRun(resolved) };
  });
}

function tuningOf(
  { by, rungs, seed, seeds }: Plan,
  tuned: readonly Tuned[],
  metrics: Parameters<typeof goodRange>[3],
): Tuning {
  const variants = tuned.map((result) => ({
    ...result,
    range: goodRange(result.tried, 0, by, metrics),
  }));
  return { by, rungs, seed, seeds, variants };
}
