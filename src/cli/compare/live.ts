import { MultiBar, type SingleBar } from 'cli-progress';
import { formatLoss } from '../../base/format.js';
import { printableStyled } from '../../base/printable.js';
import type { Outcome } from '../../runs/compare/execute/protocol.js';
import { formatMetric } from '../../runs/metric-text.js';
import type { EpochEvent, TrainEvent } from '../../train/events.js';
import { type Metrics, metricKind } from '../../train/task/index.js';
import type { Io } from '../io.js';
import { guardTerminal } from '../ui/bar-terminal.js';

/** Shows runs while they train. */
export interface Live {
  begin(run: string): void;
  event(run: string, event: TrainEvent): void;
  end(run: string, outcome: Outcome): void;
  /** A line that stays. */
  note(line: string): void;
  close(): void;
}

/** Lines of a terminal that the bars leave free. */
const FREE_LINES = 4;
/** More lines, one for each epoch of each run, are not read by anybody. */
const MOST_LINES = 60;
/** Columns beside a run's name and its bar: percent, epoch, loss and the primary metric. */
const NOTE_COLUMNS = 52;

/** Nothing but notes. */
export function quietLive(io: Io): Live {
  return { begin: () => {}, event: () => {}, end: () => {}, note: (line) => io.log(line), close: () => {} };
}

/**
 * Plain lines on stderr: one for each epoch of each run; where that would be more than 60, one for each run.
 *
 * @param io where to print
 * @param runs their names
 * @param epochs of all runs together
 * @returns the display
 */
export function lineLive(io: Io, runs: readonly string[], epochs: number): Live {
  const width = Math.max(...runs.map((name) => name.length));
  const last = new Map<string, string>();
  const say = (run: string, text: string) => io.log(`${run.padEnd(width)}  ${text}`);
  return {
    begin: () => {},
    event(run, event) {
      if (event.type !== 'epoch') return;
      const text = `epoch ${event.epoch}  ${figuresText(event)}`;
      last.set(run, figuresText(event));
      if (epochs <= MOST_LINES) say(run, text);
    },
    end(run, outcome) {
      const figures = last.get(run);
      const isSaid = epochs <= MOST_LINES || figures === undefined;
      say(run, `${endText(outcome)}${isSaid ? '' : `  ${figures}`}`);
    },
    note: (line) => io.log(line),
    close: () => {},
  };
}

/**
 * A bar for each run on stderr; where the terminal has too few lines, only for those under way.
 *
 * @param io where to draw; only for a terminal
 * @param runs their names
 * @returns the display
 */
export function barLive(io: Io, runs: readonly string[]): Live {
  const { bold, dim } = io.style.err;
  const width = Math.max(...runs.map((name) => name.length));
  const bars = new MultiBar({
    stream: io.stderr,
    format: `${bold('{run}')} {bar} {percentage} %  ${dim('{note}')}`,
    barCompleteChar: '━',
    barIncompleteChar: ' ',
    barsize: Math.max(4, Math.min(20, (io.stderr.columns || 80) - width - NOTE_COLUMNS)),
    fps: 8,
    hideCursor: true,
    gracefulExit: false,
    clearOnComplete: true,
    emptyOnZero: true,
  });
  const isAll = runs.length <= (io.stderr.rows || 24) - FREE_LINES;
  const drawn = new Map<string, SingleBar>();
  const release = guardTerminal(io.stderr, () => drawn.size);
  const show = (run: string, note: string): SingleBar => {
    const bar = drawn.get(run) ?? bars.create(1, 0, { run: run.padEnd(width), note });
    drawn.set(run, bar);
    return bar;
  };
  if (isAll) for (const run of runs) show(run, 'waiting');
  const evaluated = new Map<string, string>();
  return {
    begin: (run) => show(run, '').update({ note: 'starting' }),
    event(run, event) {
      if (event.type === 'start') {
        const bar = show(run, 'starting');
        bar.setTotal(event.epochs * event.stepsPerEpoch);
        bar.update(event.resumedAtStep, { note: 'starting' });
      } else if (event.type === 'step') {
        const loss = Number.isFinite(event.loss) ? formatLoss(event.loss) : 'NaN';
        const note = `epoch ${event.epoch}  loss ${loss}${evaluated.get(run) ?? ''}`;
        show(run, note).update(event.step, { note });
      } else if (event.type === 'epoch' && event.eval !== null) {
        const [primary] = metricTexts(event.eval);
        evaluated.set(run, `  ${primary}`);
        show(run, '').update(event.step, { note: `epoch ${event.epoch}${evaluated.get(run)}` });
      }
    },
    end(run, outcome) {
      const bar = show(run, '');
      bar.update({ note: `${endText(outcome)}${evaluated.get(run) ?? ''}` });
      if (isAll) return;
      bars.remove(bar);
      drawn.delete(run);
      bars.log(`${run.padEnd(width)}  ${endText(outcome)}${evaluated.get(run) ?? ''}\n`);
    },
    note: (line) => bars.log(`${printableStyled(line)}\n`),
    close() {
      bars.stop();
      release();
    },
  };
}

function figuresText(event: EpochEvent): string {
  const { trainLoss, evalLoss } = event;
  return [
    `train loss ${formatLoss(trainLoss)}`,
    ...(evalLoss === null ? [] : [`eval loss ${formatLoss(evalLoss)}`]),
    ...metricTexts(event.eval ?? event.train),
  ].join('  ');
}

const metricTexts = (metrics: Metrics): string[] =>
  Object.entries(metrics)
    .filter(([name]) => !metricKind(name).evaluationOnly)
    .map(([name, value]) => `${metricKind(name).label} ${formatMetric(name, value)}`);

function endText(outcome: Outcome): string {
  return outcome.status === 'failed' ? `failed: ${outcome.reason.split('\n', 1)[0]}` : outcome.status;
}
