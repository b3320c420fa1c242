import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomically } from '../../base/files.js';
import { buildRun, type Gate, isGate, parseGate, type Run } from '../../config/index.js';
import { checkGate, describeGate, type GateResult, gateRecord } from '../../runs/gates.js';
import { figuresOf } from '../../runs/store/figures.js';
import { metricsReporter } from '../../runs/store/metrics-writer.js';
import { readRun } from '../../runs/store/read.js';
import type { Reporter } from '../../runs/store/reporter.js';
import { saysDone } from '../../runs/store/status.js';
import { tensorboardReporter } from '../../runs/store/tensorboard.js';
import { type BeginRequest, begin } from '../../runs/train/begin.js';
import { type Data, prepare } from '../../runs/train/prepare.js';
import { checkResumable, checkSameRun } from '../../runs/train/resume.js';
import { summarize } from '../../runs/train/summary.js';
import type { EndEvent, StartEvent, TrainEvent } from '../../train/events.js';
import { stateSha256 } from '../../train/model/weights.js';
import { Trainer } from '../../train/trainer.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';
import { appendJobSummary, runSummary } from '../job-summary.js';
import { listenForSignals } from '../signals.js';
import { describeDiverged, describeEnd, describeStart } from './describe.js';
import { jsonReporter } from './json.js';
import { lineReporter } from './lines.js';
import { progressReporter } from './progress.js';

/** Long enough for signals and ends of streams that wait to be noticed. */
const NOTICE_MILLISECONDS = 5;

export interface TrainRequest extends BeginRequest {
  readonly output: 'people' | 'quiet' | 'json';
  /** What the figures must be at the end, besides what the configuration expects. */
  readonly gates: readonly Gate[];
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
  folder.check(mode);
  if (mode === 'resume') {
    checkSameRun(resolved, folder);
    checkResumable(folder);
  }
  let hasEnded = false;
  const stop = listenForSignals(io, { isPrinting: () => !hasEnded });
  const began = performance.now();
  let run: Run | undefined;
  try {
    const data = await prepare(plan, io, stop);
    if (data === null) return stop.exitCode ?? EXIT.failed;
    run = buildRun(plan, data, folder.checkpoints);
    for (const warning of run.warnings) warn(io, warning);
    // What has happened while the model was compiled is noticed now: who starts the run anew is to find it begun or not.
    await sleep(NOTICE_MILLISECONDS);
    if (stop.exitCode !== undefined) return stop.exitCode;
    folder.claim(mode);
    const progress = begin(request, run, data.standsInFor, io);
    // Not by its steps: it may have been stopped after the last one, within the evaluation.
    const wasDone = progress.epoch >= plan.config.epochs;

    const start: StartEvent = {
      type: 'start',
      epochs: plan.config.epochs,
      batchesPerEpoch: run.parts.loader.length,
      stepsPerEpoch: Math.ceil(run.parts.loader.length / plan.config.accumulate),
      parameters: plan.model.parameterCount,
      train: data.train.identity,
      eval: run.parts.evalLoader && data.eval.identity,
      resumedAtStep: progress.step,
      initSha256: progress.step === 0 ? stateSha256(plan.model.state) : null,
      orderSha256: run.parts.loader.orderSha256,
    };
    if (request.output === 'people') describeStart(io, plan, data, folder, progress, run);
    const trainer = new Trainer(run.parts, run.options, progress, stop.signal);
    const { end, imagesPerSecond } = await drive(
      start,
      trainer,
      reportersFor(request, data, io),
      request,
      io,
    );

    hasEnded = true;
    const wallSeconds = (performance.now() - began) / 1000;
    const summary = {
      config: plan.config,
      engine: run.engine,
      start,
      end,
      last: progress.last,
      imagesPerSecond,
      best: progress.best,
      standsInFor: data.standsInFor,
      wallSeconds,
    };
    // A run that was done already, resumed, has nothing to add to what it said then; if it was killed before it could say so,
    // there is what an earlier interruption said.
    folder.checkOwn();
    if (!wasDone || !saysDone(folder)) {
      writeFileAtomically(folder.summary, `${JSON.stringify(summarize(summary), null, 2)}\n`);
    }
    folder.checkOwn([folder.config, folder.summary, ...(run.parts.checkpoints?.saved ?? [])]);
    if (request.output !== 'json') describeEnd(io, summary, folder);
    if (end.status === 'interrupted') return stop.exitCode ?? EXIT.failed;
    const gates = check(request, end);
    for (const gate of gates)
      io.print(request.output === 'json' ? gateRecord(gate) : describeGate(gate, io.style));
    appendJobSummary(io, runSummary(summary, gates));
    if (end.status === 'diverged') return EXIT.diverged;
    return gates.every(({ passed }) => passed) ? EXIT.done : EXIT.unexpected;
  } catch (error) {
    // If that is why something could not be written, it is what there is to say.
    folder.checkOwn();
    throw error;
  } finally {
    stop.release();
    folder.release();
    // Another run may follow in this process.
    run?.parts.program.dispose();
    run?.parts.optimizer.dispose();
    plan.model.dispose();
  }
}

/** Compares the figures of a run that has ended with what is expected of them. */
function check({ plan, gates, folder }: TrainRequest, end: EndEvent): GateResult[] {
  const all = [...plan.config.expect.map(parseGate).filter(isGate), ...gates];
  if (all.length === 0 || end.status !== 'done') return [];
  const figures = figuresOf(readRun(folder.path).epochs);
  return all.map((gate) => checkGate(gate, figures[gate.metric]));
}

function reportersFor({ output, plan, folder }: TrainRequest, { standsInFor }: Data, io: Io): Reporter[] {
  const { logEvery, epochs, tensorboard } = plan.config;
  const reporters = [metricsReporter(folder, { logEvery, standsInFor })];
  if (tensorboard) reporters.push(tensorboardReporter(folder.path, logEvery));
  if (output === 'json') reporters.push(jsonReporter(io, { logEvery, standsInFor }));
  if (output !== 'people') return reporters;
  if (io.isLive) reporters.push(progressReporter(io));
  return [...reporters, lineReporter(io, epochs)];
}

/** Passes every event to the reporters, and lets signals in between two of them. */
async function drive(
  start: StartEvent,
  trainer: Trainer,
  reporters: readonly Reporter[],
  { folder, plan }: TrainRequest,
  io: Io,
): Promise<{ end: EndEvent; imagesPerSecond: number | null }> {
  let imagesPerSecond: number | null = null;
  const report = (event: TrainEvent): void => {
    // Checkpoints are written after the event that says so.
    folder.checkOwn();
    for (const reporter of reporters) reporter.event(event);
    if (event.type === 'epoch') imagesPerSecond = event.imagesPerSecond;
    if (event.type === 'diverged') describeDiverged(io, event, plan.config);
  };
  try {
    report(start);
    for (const event of trainer.run()) {
      report(event);
      if (event.type === 'end') return { end: event, imagesPerSecond };
      await nextTurn();
    }
    throw new Error('the trainer ended without an end event');
  } finally {
    for (const reporter of reporters) reporter.close?.();
  }
}
