import { LossnetError } from '../../base/errors.js';
import { jsonLine } from '../../base/printable.js';
import type { Gate, ResolvedConfig } from '../../config/index.js';
import type { Baseline } from '../../runs/baseline.js';
import { isRecorded, markStandIn, toRecord } from '../../runs/store/event-record.js';
import type { FolderMode } from '../../runs/store/folder.js';
import type { Reporter } from '../../runs/store/reporter.js';
import type { PreparedEvent, ResultEvent } from '../../runs/train/events.js';
import { train } from '../../runs/train/train.js';
import { sampleNoun } from '../../train/data/dataset.js';
import { changeLines } from '../change-text.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { describeGate } from '../gate-text.js';
import { type Io, warn } from '../io.js';
import { appendJobSummary, runSummary } from '../job-summary.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import { describeDiverged, describeEnd, describeStart } from './describe.js';
import { lineReporter } from './lines.js';

export interface TrainRequest {
  readonly resolved: ResolvedConfig;
  /** The run's folder; undefined: as the configuration says. */
  readonly folder: string | undefined;
  readonly mode: FolderMode;
  /** none: another rank shows it. */
  readonly output: 'people' | 'quiet' | 'json' | 'none';
  /** What the figures must be at the end, besides what the configuration expects. */
  readonly gates: readonly Gate[];
  /** Whether gates take figures of data that only stood in for others. */
  readonly allowsStandIn?: boolean;
  /** Told the folder when there is a run that can be resumed. */
  readonly onBegun?: (folder: string) => void;
  /** Whether a hang-up (SIGHUP) is about this process. Default: where a terminal controls it. */
  readonly hangsUp?: boolean;
  /** What the run is held against. */
  readonly baseline?: Baseline | undefined;
}

/**
 * Trains, and shows it on a terminal or as JSON lines.
 *
 * @param request what to train and how to show it
 * @param io where to show it
 * @returns the exit code
 */
export async function trainRun(request: TrainRequest, io: Io): Promise<ExitCode> {
  const { resolved, folder, mode, output, gates, allowsStandIn, baseline, hangsUp } = request;
  let hasEnded = false;
  const stop = listenForSignals(io, { isPrinting: () => !hasEnded, hangsUp });
  let screen: Screen | undefined;
  try {
    const onProgress = output === 'none' ? () => {} : showNotices(io, output === 'quiet');
    const surroundings = { env: io.env, signal: stop.signal, onProgress };
    const options = { ...surroundings, mode, gates, allowsStandIn, baseline };
    for await (const event of train(resolved, { ...options, ...(folder && { folder }) })) {
      if (event.type === 'prepared') {
        request.onBegun?.(event.folder);
        screen = await openScreen(event, request, io);
      } else if (event.type === 'result') {
        if (output === 'people') await showCurve(event, io);
        return (
          conclude(event, request, screen?.place ?? null, io) ??
          stop.exitCode ??
          stoppedByOthers(resolved, io)
        );
      } else {
        for (const reporter of screen?.reporters ?? []) reporter.event(event);
        if (event.type === 'diverged' && output !== 'none') describeDiverged(io, event, screen!.config);
        if (event.type === 'end') {
          screen?.close();
          hasEnded = true;
        }
      }
    }
    return stop.exitCode ?? EXIT.failed;
  } finally {
    screen?.close();
    stop.release();
  }
}

/** Nobody told this process to stop: another rank was told. */
function stoppedByOthers({ yaml }: ResolvedConfig, io: Io): ExitCode {
  if (yaml.parallel === null) return EXIT.failed;
  io.log('Stopped, as another rank was told to.');
  return EXIT.rankLost;
}

/** What shows a run's events. */
interface Screen {
  readonly config: PreparedEvent['plan']['config'];
  readonly place: PreparedEvent['place'];
  readonly reporters: readonly Reporter[];
  close(): void;
}

async function openScreen(event: PreparedEvent, { output }: TrainRequest, io: Io): Promise<Screen> {
  const { config } = event.plan;
  const { standsInFor } = event.data;
  if (output === 'people') describeStart(io, event);
  const reporters: Reporter[] = [];
  if (output === 'json') reporters.push(jsonReporter(io, { logEvery: config.logEvery, standsInFor }));
  if (output === 'people') {
    // Loaded here: in a pipe there is no bar.
    if (io.isLive) reporters.push(await barFor(config, io));
    const noun = sampleNoun(event.data.train.spec);
    reporters.push(lineReporter(io, { epochs: config.epochs, noun, monitor: config.checkpoint.monitor }));
  }
  const close = (): void => {
    for (const reporter of reporters) reporter.close?.();
  };
  return { config, place: event.place, reporters, close };
}

async function barFor({ evaluation, maxTime, earlyStopping }: Screen['config'], io: Io): Promise<Reporter> {
  const { progressReporter } = await import('./progress.js');
  const mayEndEarly = maxTime !== null || earlyStopping !== null;
  return progressReporter(io, { evaluationEvery: evaluation.every, maxTime, mayEndEarly });
}

/**
 * On a terminal, the curve of a whole run that is over: from its records, which also have what was before it was resumed. Where these
 * cannot be read, that is no reason to keep back how it ended.
 */
async function showCurve({ folder, summary }: ResultEvent, io: Io): Promise<void> {
  if (!io.stdout.isTTY || summary.end.status === 'interrupted') return;
  const { readRun } = await import('../../runs/store/read.js');
  const { lossChart } = await import('../ui/loss-chart.js');
  try {
    const { epochs } = readRun(folder);
    if (epochs.length > 1) for (const line of lossChart(epochs, io)) io.print(line);
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    warn(io, `The curve is not drawn. ${error.message}`);
  }
}

/** Says how it ended. Returns the exit code; null: it was interrupted, and the signal decides. */
function conclude(
  { folder, summary, gates, changes }: ResultEvent,
  { output, baseline }: TrainRequest,
  place: PreparedEvent['place'],
  io: Io,
): ExitCode | null {
  const { status } = summary.end;
  if (output !== 'json' && output !== 'none') describeEnd(io, summary, folder, place);
  if (status === 'interrupted') return null;
  if (baseline !== undefined && changes.length > 0) {
    if (output === 'json') io.print(jsonLine({ type: 'baseline', path: baseline.path, changes }));
    else for (const line of changeLines(changes, baseline.path)) io.print(line);
  }
  for (const gate of gates)
    if (output === 'json') io.print(jsonLine({ type: 'expect', ...gate }));
    else io.say(describeGate(gate, io));
  if (output !== 'none') appendJobSummary(io, runSummary(summary, gates, { changes, path: baseline?.path }));
  if (status === 'diverged') return EXIT.diverged;
  return gates.every(({ passed }) => passed) ? EXIT.done : EXIT.unexpected;
}

/**
 * The events as JSON lines on stdout, for scripts.
 *
 * @param io where to print
 * @param options logEvery: one step in so many; standsInFor: the data set that was asked for, if another is used
 * @returns the reporter
 */
function jsonReporter(io: Io, options: { logEvery: number; standsInFor: string | undefined }): Reporter {
  return {
    event(event) {
      if (!isRecorded(event, options.logEvery)) return;
      io.print(jsonLine(markStandIn(toRecord(event), options.standsInFor)));
    },
  };
}
