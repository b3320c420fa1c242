import { formatCount, formatLoss, formatLr } from '../../base/format.js';
import { formatMetric, isShare } from '../../runs/metric-text.js';
import type { EpochEvent } from '../../train/events.js';
import { type Metrics, type Monitor, metricKind } from '../../train/task/index.js';
import type { Io } from '../io.js';

/** What decides how the epochs of a run are shown. */
export interface Shown {
  readonly epochs: number;
  /** What its samples are called. */
  readonly noun: string;
  /** The figure that decides which epoch is best: shown, whatever it is. */
  readonly monitor: Monitor;
}

/** The metrics that an epoch is told by: those of an evaluation alone are told at the end, but what chooses. */
export function shownMetrics(metrics: Metrics, monitor: Monitor): [name: string, value: number][] {
  return Object.entries(metrics).filter(
    ([name]) => !metricKind(name).evaluationOnly || monitor === `eval_${name}`,
  );
}

/** A column of the table: two lines of heading, and how wide its figures may become. */
interface Column {
  readonly head: readonly [above: string, below: string];
  readonly width: number;
  readonly cell: (event: EpochEvent) => string;
  /** Left out where there is no room, the greatest first; 0: never. */
  readonly expendable: number;
}

/** As wide as `100.00 %`, as a loss below 100 with its four decimals, and as a sum of such below 1000. */
const SHARE = 8;
const VALUE = 7;
const RUNNING = 8;
const LR = 9;
const SPEED = 7;
const GAP = 2;
const BEST = ' best';
/** Lines of a terminal below the heading when it is printed again. */
const LINES_BELOW = 3;

/**
 * The figures of epochs as rows of a table, for terminals that are narrower than a line with all their names. Its heading comes
 * again where it has scrolled away, and where there are other columns: since the terminal has another width, or the first
 * evaluation was made. What has no room is in the run's records.
 *
 * @param io whose stdout is the terminal
 * @param run whose epochs
 * @returns what gives the lines for an epoch
 */
export function epochRows(io: Io, run: Shown): (event: EpochEvent) => readonly string[] {
  const { bold, dim, green } = io.style.out;
  let heading = '';
  let below = 0;
  let evaluated: EpochEvent['eval'] = null;
  return (event) => {
    evaluated = event.eval ?? evaluated;
    const columns = fitting(columnsFor(event, evaluated, run), io.stdout.columns);
    const heads = ([0, 1] as const).map((line) =>
      columns
        .map(({ head, width }) => head[line].padStart(width))
        .join(' '.repeat(GAP))
        .trimEnd(),
    );
    const cells = columns.map(({ cell, width }) => cell(event).padStart(width));
    const row = `${[bold(cells[0]!), ...cells.slice(1)].join(' '.repeat(GAP))}${event.best ? green(BEST) : ''}`;
    const isNew = heading !== heads.join() || below >= (io.stdout.rows || 24) - LINES_BELOW;
    below = isNew ? 1 : below + 1;
    heading = heads.join();
    return [...(isNew ? heads.map(dim) : []), row];
  };
}

function columnsFor(event: EpochEvent, evaluated: EpochEvent['eval'], run: Shown): Column[] {
  const { epochs, noun, monitor } = run;
  const digits = `${epochs}`.length;
  const metrics = (part: 'train' | 'eval', names: readonly string[], first: number): Column[] =>
    names.map((name, i) => {
      const width = isShare(name) ? SHARE : VALUE;
      const value = (values: EpochEvent['eval']) =>
        values?.[name] === undefined ? '-' : metricCell(name, values[name], width);
      return {
        head: ['', metricKind(name).label],
        width: Math.max(width, metricKind(name).label.length),
        cell: (own) => value(own[part]),
        // What chooses stays, and so does the primary metric of the evaluation.
        expendable: part === 'eval' && (i === 0 || monitor === `eval_${name}`) ? 0 : first + i,
      };
    });
  const named = (values: EpochEvent['eval']) => shownMetrics(values ?? {}, monitor).map(([name]) => name);
  return [
    {
      head: ['', 'epoch'],
      width: Math.max(5, 2 * digits + 1),
      cell: (own) => `${`${own.epoch}`.padStart(digits)}/${epochs}`,
      expendable: 0,
    },
    {
      head: ['running', 'loss'],
      width: RUNNING,
      cell: (own) => lossCell(own.runningLoss, RUNNING),
      expendable: 1,
    },
    { head: ['train', 'loss'], width: VALUE, cell: (own) => lossCell(own.trainLoss, VALUE), expendable: 0 },
    ...metrics('train', named(event.train), 30).map((column, i) =>
      i === 0 ? { ...column, expendable: 3 } : column,
    ),
    ...(evaluated === null
      ? []
      : [
          {
            head: ['eval', 'loss'] as const,
            width: VALUE,
            cell: ({ evalLoss }: EpochEvent) => (evalLoss === null ? '-' : lossCell(evalLoss, VALUE)),
            expendable: 0,
          },
          ...metrics('eval', named(evaluated), 10),
        ]),
    { head: ['', 'lr'], width: LR, cell: ({ lr }) => formatLr(lr), expendable: 2 },
    {
      head: [`${noun}s`, 'per s'],
      width: Math.max(SPEED, noun.length + 1),
      cell: ({ samplesPerSecond }) => speedCell(samplesPerSecond),
      expendable: 20,
    },
  ];
}

/** Without what has no room in `width` columns. */
function fitting(columns: readonly Column[], width: number): readonly Column[] {
  const taken = columns.reduce((sum, column) => sum + column.width + GAP, BEST.length - GAP);
  const least = columns.reduce((a, b) => (b.expendable > a.expendable ? b : a));
  if (taken <= width || least.expendable === 0) return columns;
  return fitting(
    columns.filter((column) => column !== least),
    width,
  );
}

/** `170.2144`, `1798.214`: with as many decimals as there is room for, of four; what has no room for one, as `1.23e12`. */
function lossCell(value: number, width: number): string {
  const texts = [formatLoss(value), ...[3, 2, 1].map((decimals) => value.toFixed(decimals))];
  const exponential = value.toExponential(width - VALUE + 1).replace('e+', 'e');
  return texts.find((text) => text.length <= width) ?? exponential;
}

function metricCell(name: string, value: number, width: number): string {
  if (Number.isNaN(value)) return '-';
  return isShare(name) ? formatMetric(name, value) : lossCell(value, width);
}

/** `103,719`, `12.3M` */
function speedCell(speed: number): string {
  const text = formatCount(speed);
  return text.length <= SPEED ? text : `${(speed / 1e6).toFixed(1)}M`;
}
