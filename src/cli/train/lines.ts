import { formatCount, formatLoss, formatLr } from '../../base/format.js';
import { formatMetric } from '../../runs/metric-text.js';
import type { Reporter } from '../../runs/store/reporter.js';
import type { EpochEvent, TrainEvent } from '../../train/events.js';
import { type Metrics, metricKind } from '../../train/task/index.js';
import type { Io } from '../io.js';
import { columnsOf } from '../ui/fitted.js';
import { epochRows, type Shown, shownMetrics } from './rows.js';

/**
 * One line per epoch on stdout. On a terminal that is narrower than such a line, from then on a row of a table.
 *
 * @param io where to print
 * @param run its number of epochs, what its samples are called, and what is monitored
 * @returns the reporter
 */
export function lineReporter(io: Io, run: Shown): Reporter {
  let rowsOf: ((event: EpochEvent) => readonly string[]) | undefined;
  return {
    event(event: TrainEvent) {
      if (event.type !== 'epoch') return;
      const line = epochLine(event, run, io);
      if (rowsOf === undefined && isTooWide(line, io)) rowsOf = epochRows(io, run);
      for (const text of rowsOf?.(event) ?? [line]) io.print(text);
    },
  };
}

const isTooWide = (line: string, { stdout }: Io): boolean =>
  stdout.isTTY === true && stdout.columns > 0 && columnsOf(line) > stdout.columns;

function epochLine(event: EpochEvent, { epochs, noun, monitor }: Shown, io: Io): string {
  const { dim, bold, green } = io.style.out;
  const field = (name: string, value: string) => `${dim(name)} ${value}`;
  const named = (metrics: Metrics) =>
    shownMetrics(metrics, monitor).map(([name, value]) =>
      field(metricKind(name).label, formatMetric(name, value)),
    );
  const number = `${event.epoch}`.padStart(`${epochs}`.length);
  const fields = [
    bold(`epoch ${number}/${epochs}`),
    field('running loss', formatLoss(event.runningLoss)),
    [field('train loss', formatLoss(event.trainLoss)), ...named(event.train)].join(' '),
  ];
  if (event.evalLoss !== null && event.eval !== null) {
    fields.push([field('eval loss', formatLoss(event.evalLoss)), ...named(event.eval)].join(' '));
  }
  fields.push(field('lr', formatLr(event.lr)), `${formatCount(event.samplesPerSecond)} ${dim(`${noun}s/s`)}`);
  if (event.best) fields.push(green('best'));
  return fields.join('  ');
}
