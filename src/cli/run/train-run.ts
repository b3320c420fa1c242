import { setImmediate as nextTurn } from 'node:timers/promises';
import { buildRun, type Plan, type ResolvedConfig } from '../../config/index.js';
import type { Progress } from '../../train/checkpoint.js';
import type { EndEvent, EpochEvent, StartEvent, TrainEvent } from '../../train/events.js';
import { writeFileAtomically } from '../../train/files.js';
import { newProgress, Trainer } from '../../train/trainer.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { jsonReporter } from '../reporters/json.js';
import { lineReporter } from '../reporters/lines.js';
import { cutBack, metricsReporter } from '../reporters/metrics.js';
import { progressReporter } from '../reporters/progress.js';
import type { Reporter } from '../reporters/reporter.js';
import { tensorboardReporter } from '../reporters/tensorboard.js';
import { VERSION } from '../version.js';
import { describeDiverged, describeEnd, describeStart } from './describe.js';
import type { FolderMode, RunFolder } from './folder.js';
import { type Data, prepare } from './prepare.js';
import { checkSameRun, savedConfig } from './resume.js';
import { listenForSignals } from './signals.js';
import { summarize } from './summary.js';

export interface TrainRequest {
  readonly resolved: ResolvedConfig;
  readonly plan: Plan;
  readonly folder: RunFolder;
  readonly mode: FolderMode;
  readonly output: 'people' | 'quiet' | 'json';
}

/**
 * Trains as a configuration says, in a run folder of its own, until it is done, diverges or is told to stop.
 *
 * @param request what to train and how to show it
 * @param io where to show it
 * @returns the exit code
 */
export async function trainRun(request: TrainRequest, io: Io): Promise<ExitCode> {
  const { resolved, plan, folder, mode } = request;
  const stop = listenForSignals(io);
  folder.check(mode);
  if (mode === 'resume') checkSameRun(resolved, folder);
  const began = performance.now();
  try {
    const data = await prepare(plan.config, io, stop.signal);
    if (stop.exitCode !== undefined) return stop.exitCode;
    const run = buildRun(plan, data, folder.checkpoints);
    folder.claim(mode);
    const progress = begin(request, run.parts.checkpoints?.load() ?? newProgress(), data.standsInFor);

    const start: StartEvent = {
      type: 'start',
      epochs: plan.config.epochs,
      batchesPerEpoch: run.parts.loader.length,
      stepsPerEpoch: Math.ceil(run.parts.loader.length / plan.config.accumulate),
      parameters: plan.model.parameterCount,
      train: data.train.identity,
      eval: run.parts.evalLoader && data.eval.identity,
      resumedAtStep: progress.step,
    };
    if (request.output === 'people') describeStart(io, plan, data, folder, progress);
    const trainer = new Trainer(run.parts, run.options, progress, stop.signal);
    const { end, last } = await drive(start, trainer, reportersFor(request, data, io), io);

    const wallSeconds = (performance.now() - began) / 1000;
    const summary = {
      config: plan.config,
      start,
      end,
      last,
      best: progress.best,
      standsInFor: data.standsInFor,
      wallSeconds,
    };
    writeFileAtomically(folder.summary, `${JSON.stringify(summarize(summary), null, 2)}\n`);
    if (request.output !== 'json') describeEnd(io, summary, folder);
    if (end.status === 'diverged') return EXIT.diverged;
    return end.status === 'interrupted' ? (stop.exitCode ?? EXIT.failed) : EXIT.done;
  } finally {
    stop.release();
    folder.release();
  }
}

/** Brings the folder's files in line with where the run begins. */
function begin(
  { resolved, folder }: TrainRequest,
  progress: Progress,
  standsInFor: string | undefined,
): Progress {
  cutBack(folder, progress);
  writeFileAtomically(folder.config, savedConfig(resolved.yaml, VERSION, standsInFor));
  return progress;
}

function reportersFor({ output, plan, folder }: TrainRequest, { standsInFor }: Data, io: Io): Reporter[] {
  const { logEvery, epochs, tensorboard } = plan.config;
  const reporters = [metricsReporter(folder, { logEvery, standsInFor })];
  if (tensorboard) reporters.push(tensorboardReporter(folder.path, logEvery));
  if (output === 'json') reporters.push(jsonReporter(io, { logEvery, standsInFor }));
  if (output !== 'people') return reporters;
  if (io.stderr.isTTY) reporters.push(progressReporter(io));
  return [...reporters, lineReporter(io, epochs)];
}

/** Passes every event to the reporters, and lets signals in between two of them. */
async function drive(
  start: StartEvent,
  trainer: Trainer,
  reporters: readonly Reporter[],
  io: Io,
): Promise<{ end: EndEvent; last: EpochEvent | undefined }> {
  let last: EpochEvent | undefined;
  const report = (event: TrainEvent): void => {
    for (const reporter of reporters) reporter.event(event);
    if (event.type === 'epoch') last = event;
    if (event.type === 'diverged') describeDiverged(io, event);
  };
  try {
    report(start);
    for (const event of trainer.run()) {
      report(event);
      if (event.type === 'end') return { end: event, last };
      await nextTurn();
    }
    throw new Error('the trainer ended without an end event');
  } finally {
    for (const reporter of reporters) reporter.close?.();
  }
}
