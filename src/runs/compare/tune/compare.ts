import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { availableCores } from '../../../base/cores.js';
import { VERSION } from '../../../base/package.js';
import { exists } from '../../../base/read.js';
import { planRun } from '../../../config/index.js';
import { measuredOf } from '../../../train/task/index.js';
import { type Notice, noticeLines } from '../../notices.js';
import { partOf } from '../../store/figures.js';
import { countOf } from '../../store/samples.js';
import { isStopped, tell } from '../../surroundings.js';
import { expectedBy } from '../../train/expected.js';
import { checkSameRun } from '../../train/resume.js';
import { changedData } from '../execute/changed-data.js';
import type { Until } from '../execute/protocol.js';
import { threadsFor } from '../execute/schedule.js';
import { timeRuns } from '../execute/time-runs.js';
import { isUnfinished, trainAll, unfinished } from '../execute/train-all.js';
import { Workers } from '../execute/workers.js';
import { type Asked, ComparisonFolder, TRIALS } from '../folder.js';
import { folderName, hashOf } from '../folder-name.js';
import { type Compared, type CompareOptions, criteriaOf } from '../options.js';
import type { PlannedRun, Variant } from '../plan/variants.js';
import { comparisonOf } from '../ranking/comparison.js';
import { resultsRecord } from '../ranking/record.js';
import type { VariantResult } from '../ranking/results.js';
import { report, resultsOf } from '../results.js';
import { ETA, trialsAtRungs } from './halving.js';
import { tunedConfig } from './plan.js';
import { tuningRecord } from './record.js';
import { type Job, type Plan, requestOf } from './request.js';
import { search, type Tuned } from './search.js';
import { trialOf } from './trials.js';
import { goodRange, type Tuning } from './tuning.js';
import { writeBest } from './winner.js';

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
  return await run(requestOf(what, options), options);
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
      threadsFor(all, { cores: availableCores(), jobs: undefined, env });
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
    const { cost, growth } = job;
    onEvent({ type: 'tuning', folder: folder.path, variants, notes, rungs, seeds, by, cost, growth });
    const warnings = job.warnings.map((text): Notice => ({ type: 'warning', text }));
    for (const warning of [...warnings, ...changedData(all, trialFolder)]) tell(options, warning);
    const notices = [...notes.map((text): Notice => ({ type: 'note', text })), ...warnings];
    const said = new Set(notices.flatMap((notice) => noticeLines(notice)));
    workers = new Workers(env, threads);
    const train = (where: ComparisonFolder, runs: readonly PlannedRun[], until: Until) =>
      trainAll(runs, { folder: where, workers: workers!, jobs, onEvent, said, until }, options);

    const began = performance.now();
    const isBegun = (run: PlannedRun) => !isUnfinished(trialFolder.run(run.name), rungs[0]!);
    const left = all.filter((run) => !isBegun(run));
    const costs = left.length === 0 ? null : await timeRuns(left, { workers, jobs, said }, options);
    if (costs !== null) {
      const starts =
        variants.length * (sumOf(trialsAtRungs(variants[0]!.points.length, rungs)) + seeds.length);
      const done = all.length - left.length;
      const seconds = (cost - done * rungs[0]!) * costs.epochSeconds + (starts - done) * costs.startSeconds;
      onEvent({ type: 'estimated', seconds });
    }
    const tuned = await search(
      variants,
      {
        ...{ folder: trialFolder, rungs, by, onEvent },
        budget: cost + growth - variants.length * seeds.length * rungs.at(-1)!,
        // One that was stopped after its last epoch has its end still to come.
        isUnfinished: (name, until) =>
          isUnfinished(trialFolder.run(name), until === rungs.at(-1) ? null : until),
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
    const unfinishedRuns = unfinished(runs, folder);
    onEvent({ type: 'training', left: unfinishedRuns });
    const trainingBegan = performance.now();
    const outcomes = await train(folder, unfinishedRuns, null);
    const seconds = (performance.now() - trainingBegan) / 1000;
    onEvent({ type: 'trained', runs: outcomes.size, seconds });
    if (isStopped(options)) {
      const done = runs.length - unfinished(runs, folder).length;
      onEvent({ type: 'interrupted', what: 'run', done, runs: runs.length });
      return null;
    }
    const results = resultsOf(finals, folder, outcomes);
    const shared = jobs !== 1;
    const tuning = tuningOf(job, tuned, results);
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

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

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
  results: readonly VariantResult[],
): Tuning {
  const runs = results.flatMap((result) => result.runs);
  const metrics = runs.flatMap((result) => result.metrics);
  const counts = runs.flatMap(({ record }) => (record && countOf(record, partOf(by))) ?? []);
  const samples = counts.length === 0 ? null : Math.min(...counts);
  const variants = tuned.map((result) => ({
    ...result,
    range: goodRange(result.tried, 0, by, metrics, samples),
  }));
  return { by, rungs, seed, seeds, samples, variants };
}
