import { formatCount, formatLoss, formatLr } from '../../base/format.js';
import { formatMetric } from '../../runs/metric-text.js';
import type { Reporter } from '../../runs/store/reporter.js';
import type { EpochEvent, TrainEvent } from '../../train/events.js';
import { type Metrics, type Monitor, metricKind } from '../../train/task/index.js';
import type { Io } from '../io.js';

interface Run {
  readonly epochs: number;
  readonly noun: string;
  /** The figure that decides which epoch is best: shown, whatever it is. */
  readonly monitor: Monitor;
}

/**
 * One line per epoch on stdout.
 *
 * @param io where to print
 * @param run its number of epochs, what its samples are called, and what is monitored
 * @returns the reporter
 */
export function lineReporter(io: Io, run: Run): Reporter {
  return {
    event(event: TrainEvent) {
      if (event.type === 'epoch') io.print(epochLine(event, run, io));
    },
  };
}

function epochLine(event: EpochEvent, { epochs, noun, monitor }: Run, io: Io): string {
  const { dim, bold, green } = io.style.out;
  const field = (name: string, value: string) => `${dim(name)} ${value}`;
  const named = (metrics: Metrics) =>
    Object.entries(metrics)
      .filter(([name]) => !metricKind(name).evaluationOnly || monitor === `eval_${name}`)
      .map(([name, value]) => field(metricKind(name).label, formatMetric(name, value)));
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
