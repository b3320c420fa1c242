import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFileAtomically } from '../../base/files.js';
import {
  buildRun,
  type Gate,
  type Plan,
  planRun,
  type ResolvedConfig,
  type Run,
} from '../../config/index.js';
import type { Progress } from '../../train/checkpoint.js';
import type { KeptGraphs } from '../../train/engine/graph/kept-graphs.js';
import type { StartEvent } from '../../train/events.js';
import { stateSha256 } from '../../train/model/weights.js';
import { overBy } from '../../train/stopping.js';
import { measuredOf } from '../../train/task/index.js';
import { Trainer } from '../../train/trainer.js';
import { type Baseline, checkBaseline } from '../baseline.js';
import { checkFigures } from '../gates.js';
import { describePlace, findPlace, type Place } from '../parallel/place.js';
import { type FolderMode, RunFolder } from '../store/folder.js';
import { isStopped, type Surroundings, tell } from '../surroundings.js';
import { begin } from './begin.js';
import type { RunEvent } from './events.js';
import { againstExpected, expectedBy } from './expected.js';
import { type Data, type Load, prepare } from './prepare.js';
import { recorded, reportersFor, saysDone } from './record.js';
import { checkResumable, checkSameRun } from './resume.js';
import { type Summary, summarize } from './summary.js';
import { assemble, beginAlong, beginTogether, ranksOf, withWayOn } from './together.js';

/**
 * Waits until what has happened during long work was heard of: signals, and that whoever asked is gone. A timer would not do:
 * after long work it is overdue, and comes before anything that waits. The second of two turns comes after all of that.
 */
async function noticed(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

/** Rank 0 alone says whether figures are what they should be. */
const NOT_HELD = { gates: [], changes: [], warnings: [] } as const;

/** The signal of who never stops a run. */
const NEVER = new AbortController().signal;

export interface TrainOptions extends Surroundings {
  /** The run's folder. Default: `<runs_dir>/<name>`. */
  readonly folder?: string;
  /** What to do about a folder that is there: refuse, go on with its run, or replace it. Default: refuse. */
  readonly mode?: FolderMode;
  /** What the figures must be at the end, besides what the configuration expects. */
  readonly gates?: readonly Gate[];
  /** Whether gates take figures of data that only stood in for others. Default: they fail. */
  readonly allowsStandIn?: boolean | undefined;
  /** What the run is held against. Default: nothing. */
  readonly baseline?: Baseline | undefined;
  /** How its data are had, as where a process that trains one run after another keeps them. Default: they are loaded. */
  readonly load?: Load | undefined;
  /** Where compiled graphs are kept by a process that trains one run after another. Default: nowhere. */
  readonly graphs?: KeptGraphs | undefined;
}

/** What is trained where. */
interface Job {
  readonly plan: Plan;
  readonly folder: RunFolder;
  readonly mode: FolderMode;
  readonly gates: readonly Gate[];
  readonly allowsStandIn: boolean | undefined;
  /** Where this process stands among several; null: it trains alone. */
  readonly place: Place | null;
  readonly baseline: Baseline | undefined;
  readonly load: Load | undefined;
  readonly graphs: KeptGraphs | undefined;
}

/**
 * Trains as a configuration says, in a folder of its own, until it is done, diverges or is told to stop: an aborted signal
 * ends it after the step under way, saved. Whoever leaves the loop early gives up what is not saved yet.
 *
 * Where `parallel` is set, several processes train together, and `env` says which of them this is. Rank 0 alone writes.
 *
 * @param resolved what to train
 * @param options where, whether it goes on, and what stops it
 * @yields what happens; nothing when it was told to stop before it had begun
 * @throws UsageError when the folder and the mode contradict each other, or a gate is of another task; RankError when another
 * process is lost; ConfigError, LossnetError when something cannot be
 */
export async function* train(
  resolved: ResolvedConfig,
  options: TrainOptions = {},
): AsyncGenerator<RunEvent, void> {
  const { mode = 'new', gates = [], baseline } = options;
  const place = findPlace(resolved, options.env ?? {});
  const plan = planRun(resolved, mode !== 'resume');
  if (place !== null) tellPlace(place, plan, options);
  const { runsDir, name, loss } = plan.config;
  const folder = new RunFolder(options.folder ?? join(runsDir, name));
  const { target, hasTest = false } = plan.source.spec;
  checkFigures(
    gates.map(({ metric }) => ({ option: '--expect', metric })),
    measuredOf(target, loss.type),
    hasTest,
  );
  checkBaseline([...expectedBy(plan), ...gates], baseline, null);
  const ofWeights = mode === 'resume' ? [] : plan.weights.notes();
  for (const text of [...resolved.notes, ...ofWeights]) tell(options, { type: 'note', text });
  for (const text of resolved.warnings) tell(options, { type: 'warning', text });
  const { allowsStandIn, load, graphs } = options;
  const job = { plan, folder, mode, gates, baseline, allowsStandIn, load, graphs, place };
  if (place === null) checkFolder(job);
  yield* inFolder(job, options);
}

/** What was found of the other processes, and what it means for the model. */
function tellPlace(place: Place, { config, model }: Plan, surroundings: Surroundings): void {
  tell(surroundings, { type: 'message', text: describePlace(place, config.parallel!) });
  if (place.parts === 1 || !model.mixesSamples) return;
  const samples = Math.ceil(config.loader.batchSize / place.parts);
  const text = `batch norm sees a part of a batch, ${samples} of ${config.loader.batchSize} samples, as one rank's batch in PyTorch's DistributedDataParallel`;
  tell(surroundings, { type: 'note', text });
}

function checkFolder({ plan, folder, mode, place }: Job): void {
  folder.check(mode);
  if (mode !== 'resume') return;
  checkSameRun(plan.resolved, folder, place);
  checkResumable(folder);
}

async function* inFolder(job: Job, surroundings: Surroundings): AsyncGenerator<RunEvent, void> {
  const { plan, folder, mode, place } = job;
  const began = performance.now();
  // The others write nothing.
  const isWriter = place === null || place.rank === 0;
  let run: Run | undefined;
  const make = async (): Promise<Data | null> => {
    if (place !== null && isWriter) checkFolder(job);
    const data = await prepare(plan, surroundings, { parts: place?.parts, load: job.load });
    if (data !== null) run = buildRun(plan, data, folder.checkpoints, place, job.graphs);
    return data;
  };
  try {
    const together = place && (await assemble({ ...job, place }, make, surroundings));
    const data = place === null ? await make() : (together?.data ?? null);
    if (data === null || run === undefined) return;
    for (const text of run.warnings) tell(surroundings, { type: 'warning', text });
    // What has happened while the model was compiled is noticed now: who starts the run anew is to find it begun or not.
    await noticed();
    // Several end together, after a step.
    if (place === null && isStopped(surroundings)) return;
    const begun = run;
    const progress = await beginTogether(together?.group ?? null, () => {
      if (!isWriter) return beginAlong({ ...job, place }, begun);
      folder.claim(mode);
      return begin(job, begun, data, surroundings);
    });
    // Not by its steps: it may have been stopped after the last one, within the evaluation.
    const wasDone = overBy(progress, run.options) !== null;
    const { engine, fallback } = run;
    const done = { epochs: progress.epoch, steps: progress.step };
    yield { type: 'prepared', folder: folder.path, plan, data, engine, fallback, done, place };

    const start = startOf(job, data, run, progress);
    const signal = surroundings.signal ?? NEVER;
    const ranks = together && ranksOf({ ...job, place: place! }, together.group, run, signal);
    const trainer = new Trainer({ ...run.parts, ...(ranks && { ranks }) }, run.options, progress, signal);
    const events = ranks ? trainer.runTogether() : trainer.run();
    const reporters = isWriter ? reportersFor(plan, folder, data) : [];
    const { end, samplesPerSecond } = yield* recorded(start, events, folder, reporters);

    const summary: Summary = {
      config: plan.config,
      engine,
      start,
      end,
      last: progress.last,
      samplesPerSecond,
      best: progress.best,
      standsInFor: data.standsInFor,
      wallSeconds: (performance.now() - began) / 1000,
      parallel: ranks && { ranks: place!.size, parts: place!.parts, waitedSeconds: ranks.waitedSeconds },
    };
    // A run that was done already, resumed, has nothing to add to what it said then; if it was killed before it could say so,
    // there is what an earlier interruption said.
    folder.checkOwn();
    if (isWriter && (!wasDone || !saysDone(folder))) {
      writeFileAtomically(folder.summary, `${JSON.stringify(summarize(summary), null, 2)}\n`);
    }
    const fitted = data.preprocessing ? [folder.preprocessing] : [];
    folder.checkOwn([folder.config, folder.summary, ...fitted, ...(run.parts.checkpoints?.saved ?? [])]);
    const held = isWriter ? againstExpected(job, end, data.standsInFor) : NOT_HELD;
    for (const text of held.warnings) tell(surroundings, { type: 'warning', text });
    await together?.group.leave();
    const { gates, changes } = held;
    yield { type: 'result', folder: folder.path, summary, gates, changes };
  } catch (error) {
    // If that is why something could not be written, it is what there is to say.
    folder.checkOwn();
    throw withWayOn(error, run, folder, job);
  } finally {
    folder.release();
    // Another run may follow in this process.
    run?.parts.program.dispose();
    run?.parts.optimizer.dispose();
    plan.model.dispose();
  }
}

function startOf({ plan }: Job, data: Data, { parts, classWeights }: Run, { step }: Progress): StartEvent {
  const { parameterCount, trainableCount, state } = plan.model;
  const transfer = step === 0 ? plan.weights.transfer() : null;
  return {
    type: 'start',
    epochs: plan.config.epochs,
    batchesPerEpoch: parts.loader.length,
    stepsPerEpoch: Math.ceil(parts.loader.length / plan.config.accumulate),
    parameters: parameterCount,
    ...(trainableCount < parameterCount && { trainableParameters: trainableCount }),
    train: data.train.identity,
    eval: parts.evalLoader && data.eval.identity,
    ...(data.test && { test: data.test.identity }),
    resumedAtStep: step,
    initSha256: step === 0 ? stateSha256(state) : null,
    ...(transfer && { transfer }),
    ...(classWeights && { classWeights }),
    orderSha256: parts.loader.orderSha256,
  };
}
