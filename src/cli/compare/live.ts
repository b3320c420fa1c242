import { MultiBar, type SingleBar } from 'cli-progress';
import { formatLoss } from '../../base/format.js';
import { printableStyled } from '../../base/printable.js';
import type { Outcome } from '../../runs/compare/execute/protocol.js';
import { formatMetric } from '../../runs/metric-text.js';
import type { EpochEvent, TrainEvent } from '../../train/events.js';
import { type Metrics, metricKind } from '../../train/task/index.js';
import type { Io } from '../io.js';
import { guardTerminal } from '../ui/bar-terminal.js';
import { cut } from '../ui/chart.js';
import type { Pace } from './pace.js';

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
const LEAST_BAR = 4;
/** The bar of all runs together. */
const ALL = 'all';

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
 * @param pace how long the rest takes
 * @returns the display
 */
export function lineLive(io: Io, runs: readonly string[], epochs: number, pace: Pace): Live {
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
      const left = pace.text === '' || outcome.status === 'failed' ? '' : `  (${pace.text})`;
      say(run, `${endText(outcome)}${isSaid ? '' : `  ${figures}`}${left}`);
    },
    note: (line) => io.log(line),
    close: () => {},
  };
}

/**
 * A bar for each run on stderr; where the terminal has too few lines, only for those under way.
 *
 * @param io where to draw; only for a terminal
 * @param runs their names, and the epoch that each is trained to
 * @param pace how long the rest takes
 * @returns the display; no line of it is wider than the terminal
 */
export function barLive(io: Io, runs: ReadonlyMap<string, number>, pace: Pace): Live {
  const { bold, dim } = io.style.err;
  const columns = io.stderr.columns || 80;
  const names = [...runs.keys()];
  const longest = Math.max(ALL.length, ...names.map((name) => name.length));
  const width = Math.max(Math.min(longest, columns - NOTE_COLUMNS - LEAST_BAR), ALL.length);
  const title = (name: string) => cut(name, width).padEnd(width);
  const bars = new MultiBar({
    stream: io.stderr,
    format: `${bold('{run}')} {bar} {percentage} %  ${dim('{note}')}`,
    barCompleteChar: '━',
    barIncompleteChar: ' ',
    barsize: Math.max(LEAST_BAR, Math.min(20, columns - width - NOTE_COLUMNS)),
    fps: 8,
    hideCursor: true,
    gracefulExit: false,
    clearOnComplete: true,
    emptyOnZero: true,
  });
  const isAll = names.length <= (io.stderr.rows || 24) - FREE_LINES;
  const drawn = new Map<string, SingleBar>();
  const all = names.length > 1 ? bars.create(1000, 0, { run: title(ALL), note: '' }) : null;
  const count = () => all?.update(Math.round(pace.share * 1000), { note: pace.text });
  const release = guardTerminal(io.stderr, () => drawn.size + (all ? 1 : 0));
  const show = (run: string, note: string): SingleBar => {
    const bar = drawn.get(run) ?? bars.create(1, 0, { run: title(run), note });
    drawn.set(run, bar);
    return bar;
  };
  if (isAll) for (const run of names) show(run, 'waiting');
  const evaluated = new Map<string, string>();
  return {
    begin: (run) => show(run, '').update({ note: 'starting' }),
    event(run, event) {
      count();
      if (event.type === 'start') {
        const bar = show(run, 'starting');
        bar.setTotal(Math.min(runs.get(run) ?? event.epochs, event.epochs) * event.stepsPerEpoch);
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
      count();
      const bar = show(run, '');
      bar.update({ note: `${endText(outcome)}${evaluated.get(run) ?? ''}` });
      if (isAll) return;
      bars.remove(bar);
      drawn.delete(run);
      bars.log(`${title(run)}  ${endText(outcome)}${evaluated.get(run) ?? ''}\n`);
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
  if (outcome.status === 'failed') {
    const [first = '', second = ''] = outcome.reason.split('\n');
    // Of a list that it announces, the first entry too: the log has the others.
    return `failed: ${first.endsWith(':') ? `${first} ${second.trim()}` : first}`;
  }
  return outcome.status === 'held' ? 'at its rung' : outcome.status;
}
