import { basename, join, resolve } from 'node:path';
import { availableCores } from '../../base/cores.js';
import { UsageError } from '../../base/errors.js';
import { VERSION } from '../../base/package.js';
import { type Notice, noticeLines } from '../notices.js';
import { RunFolder } from '../store/folder.js';
import { isStopped, tell } from '../surroundings.js';
import { expectedBy } from '../train/expected.js';
import { checkWhole } from '../whole-number.js';
import { changedData } from './execute/changed-data.js';
import { threadsFor } from './execute/schedule.js';
import { isUnfinished, trainAll, unfinished } from './execute/train-all.js';
import { Workers } from './execute/workers.js';
import { compareFinished } from './finished.js';
import { type Asked, ComparisonFolder } from './folder.js';
import { folderName, hashOf } from './folder-name.js';
import { gather, type Parts, readParts } from './merge.js';
import { type Compared, type CompareOptions, criteriaOf } from './options.js';
import { parseRequest } from './plan/request.js';
import { parseShard, runsOf, shardSuffix } from './plan/shard.js';
import { planVariants, type Variant } from './plan/variants.js';
import { comparisonOf } from './ranking/comparison.js';
import { resultsRecord } from './ranking/record.js';
import { measuredBy, report, resultsOf } from './results.js';
import { compareTuned } from './tune/compare.js';

const MOST_RUNS = 32;
const NOT_TUNED = { tuning: null, winner: null };

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
  if (options.tune !== undefined) return await compareTuned(what, options);
  const { merge = [] } = options;
  if (merge.length > 0) return await compareParts(what, merge, options);
  const request = parseRequest(what);
  if (request.runs.length > 0) {
    if (options.shard === undefined) return await compareFinished(request.runs, options);
    throw new UsageError('LOSSNET_USAGE', '--shard is of runs to train, and these are trained already.');
  }
  const { config, seeds = 1, maxRuns = MOST_RUNS, env = {} } = options;
  const planned = planVariants(request, { config, seeds, maxRuns, env });
  refuseParallel(planned.variants);
  return await compareTrained({ ...planned, what, config: config ?? null, seeds, parts: null }, options);
}

/** Several processes for one model would take the cores from the runs beside it. */
function refuseParallel(variants: readonly Variant[]): void {
  if (variants.every(({ runs }) => runs.every(({ yaml }) => yaml.parallel === null))) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    'parallel is on, and the runs of a comparison train with one process each.',
    'Add parallel=null; to share a comparison out over machines, give each a part: --shard 1/2',
  );
}

/** The request is that of the parts; what they were made from must be at hand, and the same. */
async function compareParts(
  what: readonly string[],
  folders: readonly string[],
  options: CompareOptions,
): Promise<Compared | null> {
  if (what.length > 0 || options.shard !== undefined) {
    const [first] = what.length > 0 ? [...what] : [`--shard ${options.shard}`];
    const message = `--merge joins parts that were trained, and ${first} asks for a training.`;
    throw new UsageError('LOSSNET_USAGE', message, 'Leave it out: the parts know what was asked for.');
  }
  const parts = readParts(folders);
  const { arguments: asked, config, seeds } = parts.asked;
  const { maxRuns = Number.POSITIVE_INFINITY, env = {} } = options;
  const about = { what: asked!, config, seeds: seeds ?? 1 };
  const request = parseRequest(about.what);
  const planned = planVariants(request, { config: config ?? undefined, seeds: about.seeds, maxRuns, env });
  if (hashOf(planned.variants) !== parts.asked.sha256) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `What ${folders[0]} was made from is not what it was: a configuration, a variable of the environment or the version of lossnet is another one.`,
      'Merge with the same configurations, in the same folder, that the parts were trained with.',
    );
  }
  // What the parts are called, the whole is called too.
  const [, own] = /^compare-(.+)-shard-\d+-of-\d+$/.exec(basename(resolve(folders[0]!))) ?? [];
  const { name = own } = options;
  return await compareTrained({ ...planned, ...about, parts }, { ...options, name });
}

interface Job {
  readonly variants: readonly Variant[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** What was asked for, for compare.json. */
  readonly what: readonly string[];
  readonly config: string | null;
  readonly seeds: number;
  /** Where its runs are trained already; null: nowhere. */
  readonly parts: Parts | null;
}

async function compareTrained(job: Job, options: CompareOptions): Promise<Compared | null> {
  const { variants, notes, parts } = job;
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const ofWhole = (options.expect ?? []).length > 0 ? '--expect' : options.baseline && '--baseline';
  if (shard !== undefined && ofWhole !== undefined) {
    const message = `--shard trains a part, and ${ofWhole} is about the whole.`;
    throw new UsageError('LOSSNET_USAGE', message, `Give ${ofWhole} to lossnet compare --merge.`);
  }
  const { jobs, force = false, env = {}, onEvent = () => {} } = options;
  const names = variants.map(({ name }) => name);
  const criteria = criteriaOf(
    options,
    names,
    variants.flatMap((variant) => variant.runs.flatMap(measuredBy)),
    variants.some(({ runs }) => runs.some(({ plan }) => plan.source.spec.hasTest)),
    variants.flatMap(({ runs }) => (runs[0] === undefined ? [] : expectedBy(runs[0].plan))),
  );
  const sha256 = hashOf(variants);
  const runsDir = variants[0]!.runs[0]!.yaml.runs_dir;
  const folder = new ComparisonFolder(
    join(runsDir, `${folderName(names, sha256, options.name)}${shard ? shardSuffix(shard) : ''}`),
  );
  let workers: Workers | undefined;
  try {
    const before = await folder.claim(sha256, force);
    const runs = variants.flatMap((variant) => variant.runs);
    // The same threads as before: results are the same to the last bit only then.
    const threads =
      before?.threads ?? parts?.asked.threads ?? threadsFor(runs, { cores: availableCores(), jobs, env });
    const asked: Asked = {
      type: 'comparison',
      lossnet: VERSION,
      sha256,
      ...{ arguments: job.what, config: job.config, seeds: job.seeds, threads },
      variants: variants.map(({ name, file, runs }) => ({
        name,
        config: file,
        runs: runs.map((run) => run.name),
      })),
      results: before?.results ?? null,
    };
    folder.write(asked);
    if (parts !== null) {
      const names = runs.map(({ name }) => name);
      gather(names, parts, folder, (path) => !isUnfinished(new RunFolder(path)));
    }
    const own = runsOf(runs, shard);
    const left = unfinished(own, folder);
    onEvent({ type: 'planned', folder: folder.path, variants, notes, left });
    const warnings = job.warnings.map((text): Notice => ({ type: 'warning', text }));
    for (const warning of [...warnings, ...changedData(own, folder)]) tell(options, warning);
    onEvent({ type: 'training', left });
    const began = performance.now();
    workers = new Workers(env, threads);
    const notices = [...notes.map((text): Notice => ({ type: 'note', text })), ...warnings];
    const said = new Set(notices.flatMap((notice) => noticeLines(notice)));
    const outcomes = await trainAll(left, { folder, workers, jobs, onEvent, said }, options);
    onEvent({ type: 'trained', runs: outcomes.size, seconds: (performance.now() - began) / 1000 });
    if (shard !== undefined && !isStopped(options)) {
      const failed = unfinished(own, folder).length;
      onEvent({ type: 'part_trained', folder: folder.path, runs: own.length, failed, of: runs.length });
      return { ...NOT_TUNED, comparison: null, folder: folder.path, leftOut: 0, failed };
    }
    const results = resultsOf(variants, folder, outcomes);
    if (isStopped(options)) {
      const done = own.length - unfinished(own, folder).length;
      onEvent({ type: 'interrupted', what: 'run', done, runs: own.length });
      return null;
    }
    const shared = runs.length > 1 && jobs !== 1;
    const comparison = comparisonOf(results, { ...criteria, title: folder.path, shared });
    const record = { ...asked, results: resultsRecord(comparison) };
    folder.write(record);
    onEvent({ type: 'compared', comparison, tuning: null, winner: null, record, folder: folder.path });
    // Last: whatever becomes of it, the results have been told.
    await report(folder, workers, onEvent);
    return { ...NOT_TUNED, comparison, folder: folder.path, leftOut: 0, failed: 0 };
  } finally {
    workers?.close();
    folder.release();
  }
}
