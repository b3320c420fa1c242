import { formatCount, formatLoss, formatPercent } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { toSnakeCase } from '../../config/index.js';
import type { BaselineResult, Difference, Evaluated } from '../../runs/evaluate/result.js';
import { formatDifference, formatMetric, isShare, metricText } from '../../runs/metric-text.js';
import type { CalibrationBin, ClassDetail, Detail } from '../../train/task/index.js';
import { describeGate } from '../gate-text.js';
import type { Io } from '../io.js';
import { textWidth } from '../ui/style.js';
import { type Table, textTable } from '../ui/table.js';

/** A matrix of more classes is too wide to be read. */
const MOST_CLASSES = 12;
/** Of more tokens those are shown that come most often. */
const MOST_TOKENS = 20;

/** The whole evaluation as one line of JSON; what is not defined is null. */
export function evaluationRecord({ metrics, loss, ...rest }: Evaluated): string {
  return jsonLine({ type: 'evaluation', ...toSnakeCase(rest), figures: { loss, ...metrics } });
}

/**
 * Prints, for people, what a model is worth.
 *
 * @param io where to print
 * @param evaluated what was found
 */
export function showEvaluated(io: Io, evaluated: Evaluated): void {
  const { bold, dim } = io.style.out;
  const { data, noun, split, samples, weights, loss, metrics, detail, baseline, gates } = evaluated;
  const standIn = data.standsInFor === undefined ? '' : `, STANDING IN FOR ${data.standsInFor}`;
  const records = formatCount(samples);
  const which = split === 'all' ? `all ${records}` : `${records} ${split}`;
  io.say(`${bold(weights)} on ${which} ${noun}s of ${data.name}${standIn}`);
  for (const [name, value] of Object.entries({ loss, ...metrics })) {
    io.print(`  ${dim(metricText(name).padEnd(18))}${formatMetric(name, value)}`);
  }
  const width = textWidth(io.stdout);
  for (const [title, table] of tablesOf(detail, width - 2)) {
    io.print('');
    io.print(title);
    for (const line of textTable(table, bold, width)) io.print(`  ${line}`);
  }
  if (baseline !== null) showBaseline(io, baseline, width);
  if (gates.length > 0) io.print('');
  for (const gate of gates) io.say(describeGate(gate, io));
}

function showBaseline(io: Io, { weights, resamples, differences }: BaselineResult, width: number): void {
  const { bold, dim } = io.style.out;
  io.print('');
  io.say(`against ${bold(weights)} on the same samples`);
  const rows = differences.map((difference) => {
    const { figure, value, baseline } = difference;
    const each = [value, baseline].map((own) => formatMetric(figure, own));
    return [
      metricText(figure),
      ...each,
      formatDifference(figure, difference.difference),
      intervalText(difference),
    ];
  });
  const table = { head: ['', 'here', 'there', 'difference', '95 % interval'], rows, texts: [''] };
  for (const line of textTable(table, bold, width)) io.print(`  ${line}`);
  const clear = differences.filter(({ interval }) => interval !== null && interval[0] * interval[1] > 0);
  const names = clear.map(({ figure }) => metricText(figure)).join(', ');
  io.say(
    dim(
      `  ${clear.length === 0 ? 'No difference is' : `Differences of ${names} are`} more than these samples may show by chance (paired, ${formatCount(resamples)} draws).`,
    ),
  );
}

function intervalText({ figure, interval }: Difference): string {
  if (interval === null) return 'not defined';
  const [low, high] = interval.map((value) =>
    isShare(figure) ? (value * 100).toFixed(2) : formatLoss(value),
  );
  return `${low} to ${high}`;
}

function tablesOf(detail: Detail, width: number): [title: string, Table][] {
  switch (detail.kind) {
    case 'class':
      return classTables(detail, width);
    case 'token': {
      const told = detail.tokens.filter(({ support }) => support > 0).sort((a, b) => b.support - a.support);
      const rows = told
        .slice(0, MOST_TOKENS)
        .map(({ name, support, right, bits }) => [
          ...[name, formatCount(support), formatPercent(right / support)],
          bits === null ? '' : bits.toFixed(3),
        ]);
      const title = told.length > MOST_TOKENS ? `the ${MOST_TOKENS} most frequent tokens` : 'each token';
      return [[title, { head: ['token', 'times', 'right', 'bits'], rows, texts: ['token'] }]];
    }
    case 'value': {
      if (detail.values.length < 2) return [];
      const names = Object.keys(detail.values[0]!.metrics);
      const rows = detail.values.map(({ name, metrics }) => [
        name,
        ...names.map((metric) => formatMetric(metric, metrics[metric]!)),
      ]);
      return [['each value', { head: ['value', ...names], rows, texts: ['value'] }]];
    }
  }
}

function classTables({ classes, confusion, calibration }: ClassDetail, width: number): [string, Table][] {
  const figures = classes.map(({ name, precision, recall, f1, support }) => [
    ...[name, formatPercent(precision), formatPercent(recall), f1.toFixed(4), formatCount(support)],
  ]);
  const head = ['class', 'precision', 'recall', 'f1', 'samples'];
  const tables: [string, Table][] = [['each class', { head, rows: figures, texts: ['class'] }]];
  if (classes.length <= MOST_CLASSES) {
    const names = classes.map(({ name }) => name);
    const rows = confusion.map((row, i) => [names[i]!, ...row.map(formatCount)]);
    const head = ['', ...shortened(names, width)];
    tables.push(['rows: what is right, columns: what is said', { head, rows, texts: [''] }]);
  }
  if (calibration !== null)
    tables.push(['how often it is right, by how sure it is', calibrationTable(calibration)]);
  return tables;
}

/** As long as columns beside the names themselves may be. */
function shortened(names: readonly string[], width: number): string[] {
  const longest = Math.max(...names.map((name) => name.length));
  const room = Math.max(3, Math.floor((width - longest) / names.length) - 2);
  return names.map((name) => (name.length > room ? `${name.slice(0, room - 1)}…` : name));
}

function calibrationTable(bins: readonly CalibrationBin[]): Table {
  const rows = bins
    .filter(({ samples }) => samples > 0)
    .map(({ from, to, samples, confidence, accuracy }) => [
      `${(from * 100).toFixed(0)} to ${(to * 100).toFixed(0)} %`,
      ...[formatPercent(confidence), formatPercent(accuracy), formatCount(samples)],
    ]);
  return { head: ['sure', 'mean', 'right', 'samples'], rows, texts: ['sure'] };
}
