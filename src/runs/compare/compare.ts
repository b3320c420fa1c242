import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../../base/version.js';
import { PRESETS } from '../../config/index.js';
import { measuredOf } from '../../train/task/index.js';
import type { Notice } from '../notices.js';
import { isStopped, tell } from '../surroundings.js';
import { checkWhole } from '../whole-number.js';
import type { CompareEvent } from './events.js';
import { threadsFor } from './execute/schedule.js';
import { trainAll, unfinished } from './execute/train-all.js';
import { Workers } from './execute/workers.js';
import { compareFinished } from './finished.js';
import { type Asked, ComparisonFolder, folderName, hashOf } from './folder.js';
import { comparisonOf } from './judge/comparison.js';
import { resultsRecord } from './judge/record.js';
import { readResult, type VariantResult } from './judge/results.js';
import { type Compared, type CompareOptions, criteriaOf } from './options.js';
import { parseRequest } from './plan/request.js';
import { type PlannedRun, planVariants, type Variant } from './plan/variants.js';

const MOST_RUNS = 32;

/**
 * Compares variants: trains them side by side, several at a time, in processes of their own, from the same first weights on
 * the same batches, or takes runs that were trained before; says which is best and why. The same request again continues what
 * is unfinished and repeats nothing.
 *
 * @param what presets (`adam`), grids (`optimizer.lr=0.1,0.01`), `key=value` for all, configurations (`a.yaml`), or folders
 * of runs, to compare without training
 * @param options how, where, and what stops it: an aborted signal saves what is under way
 * @returns what came of it; null when it was told to stop
 * @throws UsageError, ConfigError when something of the request cannot be; LossnetError when its folder cannot be written
 */
export async function compare(
  what: readonly string[],
  options: CompareOptions = {},
): Promise<Compared | null> {
  for (const option of ['seeds', 'jobs', 'maxRuns'] as const) checkWhole(option, options[option]);
  const request = parseRequest(what);
  if (request.runs.length > 0) return await compareFinished(request.runs, options);
  const { config, seeds = 1, maxRuns = MOST_RUNS, env = {} } = options;
  const planned = planVariants(request, { config, seeds, maxRuns, env });
  return await compareTrained({ ...planned, what }, options);
}

interface Job {
  readonly variants: readonly Variant[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** What was asked for, for compare.json. */
  readonly what: readonly string[];
}

async function compareTrained(job: Job, options: CompareOptions): Promise<Compared | null> {
  const { variants, notes } = job;
  const { jobs, force = false, env = {}, onEvent = () => {} } = options;
  const names = variants.map(({ name }) => name);
  const criteria = criteriaOf(
    options,
    names,
    variants.flatMap((variant) => variant.runs.flatMap(measuredBy)),
    variants.some(({ runs }) => runs.some(({ plan }) => plan.source.spec.hasTest)),
  );
  const sha256 = hashOf(variants);
  const runsDir = variants[0]!.runs[0]!.yaml.runs_dir;
  const folder = new ComparisonFolder(join(runsDir, folderName(names, sha256, options.name)));
  let workers: Workers | undefined;
  try {
    const before = await folder.claim(sha256, force);
    const runs = variants.flatMap((variant) => variant.runs);
    // The same threads as before: results are the same to the last bit only then.
    const threads = before?.threads ?? threadsFor(runs, { cores: availableParallelism(), jobs, env });
    const asked: Asked = {
      type: 'comparison',
      lossnet: VERSION,
      sha256,
      arguments: job.what,
      threads,
      variants: variants.map(({ name, file, runs }) => ({
        name,
        config: file,
        runs: runs.map((run) => run.name),
      })),
      results: before?.results ?? null,
    };
    folder.write(asked);
    const left = unfinished(runs, folder);
    onEvent({ type: 'planned', folder: folder.path, variants, notes, left });
    const warnings = job.warnings.map((text): Notice => ({ type: 'warning', text }));
    for (const warning of warnings) tell(options, warning);
    onEvent({ type: 'training', left });
    const began = performance.now();
    workers = new Workers(env, threads);
    const said = [...notes.map((text): Notice => ({ type: 'note', text })), ...warnings];
    const outcomes = await trainAll(left, { folder, workers, jobs, onEvent, said }, options);
    onEvent({ type: 'trained', runs: outcomes.size, seconds: (performance.now() - began) / 1000 });
    const results = variants.map(
      ({ name, preset, runs }): VariantResult => ({
        name,
        summary: preset === null ? null : PRESETS[preset].summary,
        runs: runs.map((run) => {
          const outcome = outcomes.get(run.name);
          const metrics = measuredBy(run);
          return readResult(folder.run(run.name).path, run.name, { seed: run.seed, metrics, outcome });
        }),
      }),
    );
    if (isStopped(options)) {
      const done = runs.length - unfinished(runs, folder).length;
      onEvent({ type: 'interrupted', done, runs: runs.length });
      return null;
    }
    const shared = runs.length > 1 && jobs !== 1;
    const comparison = comparisonOf(results, { ...criteria, title: folder.path, shared });
    const record = { ...asked, results: resultsRecord(comparison) };
    folder.write(record);
    onEvent({ type: 'compared', comparison, record, folder: folder.path });
    // Last: whatever becomes of it, the results have been told.
    await report(folder, workers, onEvent);
    return { comparison, folder: folder.path, leftOut: 0 };
  } finally {
    workers?.close();
    folder.release();
  }
}

const measuredBy = ({ plan }: PlannedRun) => measuredOf(plan.source.spec.target, plan.config.loss.type);

/** Charts, tables and mistakes of all runs, in the folder of the comparison. That this fails is no failure of it. */
async function report(
  { path }: ComparisonFolder,
  workers: Workers,
  onEvent: (event: CompareEvent) => void,
): Promise<void> {
  const silent = { event: () => {}, notice: () => {}, line: () => {} };
  const outcome = await workers.take().run({ type: 'report', folder: path }, silent);
  if (outcome.status === 'failed') onEvent({ type: 'no_report', reason: outcome.reason });
  else onEvent({ type: 'report', html: join(path, 'report.html') });
}
