import { formatBytes, formatCount, formatDuration, formatLr } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { isOfTest, METRICS, printConfig, toSnakeCase } from '../../config/index.js';
import { type ModelDetails, type RunDetails, showRun } from '../../runs/find/show.js';
import { formatMetric, metricText } from '../../runs/metric-text.js';
import { keyFor } from '../../runs/store/figures.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { lossChart } from '../ui/loss-chart.js';
import { type Table, textTable } from '../ui/table.js';
import { recordOf } from './ls.js';
import { dateText, statusText } from './words.js';

/** Of more epochs, the first, the best and the last ones are shown. */
const MOST_EPOCHS = 12;
/** Columns of what stands before a value. */
const HANG = 10;

/**
 * Shows all there is to see of a run.
 *
 * @param path its folder
 * @param json whether to print one JSON object
 * @param io where to show it
 * @returns the exit code
 */
export function showOneRun(path: string, json: boolean, io: Io): ExitCode {
  const details = showRun(path);
  if (json) {
    io.print(jsonLine(jsonOf(details)));
    return EXIT.done;
  }
  const { bold } = io.style.out;
  const section = (title: string, lines: readonly string[]): void => {
    io.print('');
    io.print(bold(title));
    for (const line of lines) io.print(line === '' ? '' : `  ${line}`);
  };
  for (const line of headLines(details, io)) io.say(line, HANG);
  section(
    'model',
    details.model === null ? [`not known: ${details.modelProblem}`] : modelLines(details.model, io),
  );
  section('configuration', printConfig(details.resolved).trimEnd().split('\n'));
  section('epochs', epochLines(details, io));
  const files = details.checkpoints.map(({ file, bytes }) => `${file}  ${formatBytes(bytes)}`);
  section('checkpoints', files.length === 0 ? ['none'] : files);
  return EXIT.done;
}

function headLines({ path, status, changed, bytes, run, record }: RunDetails, io: Io): string[] {
  const { epoch, epochs, best, data, seconds } = run;
  const { summary, diverged } = record;
  const test = METRICS.filter(isOfTest).flatMap((metric) => {
    const value = run.figures[metric];
    return value == null
      ? []
      : [`${metricText(metric.replace(/^test_/, ''))} ${formatMetric(metric, value)}`];
  });
  const versions = Object.entries(summary?.versions ?? {}).map(([name, version]) => `${name} ${version}`);
  return [
    `${io.style.out.bold(path)}  ${statusText(status, io.style.out)}, ${epoch} of ${epochs} epochs, ${formatBytes(bytes)}, ${dateText(changed)}`,
    `  data      ${data}`,
    ...(best === null
      ? []
      : [
          `  best      epoch ${best.epoch}: ${metricText(best.monitor)} ${formatMetric(best.monitor, best.value)}`,
        ]),
    ...(test.length === 0 ? [] : [`  test      ${test.join(', ')}`]),
    ...(diverged === null
      ? []
      : [`  diverged  in epoch ${diverged.epoch}, step ${diverged.step}: ${diverged.tensor}`]),
    ...(seconds === 0 ? [] : [`  trained   ${formatDuration(seconds)}`]),
    ...(versions.length === 0 ? [] : [`  versions  ${versions.join(', ')}`]),
    ...(summary?.diagnosis == null ? [] : [`  diagnosis ${summary.diagnosis.finding}`]),
  ];
}

function modelLines(model: ModelDetails, io: Io): string[] {
  const { input, layers, parameters, multiplyAdds, activationBytes, batchSize } = model;
  const memory = `memory, batch ${batchSize}`;
  const count = (value: number) => (value === 0 ? '' : formatCount(value));
  const table: Table = {
    head: ['layer', 'type', 'output', 'parameters', 'multiply-adds', memory],
    rows: [
      ['', 'input', input.join(' x '), '', '', ''],
      ...layers.map((layer) => [
        layer.name,
        layer.type,
        layer.output.join(' x '),
        count(layer.parameters),
        count(layer.multiplyAdds),
        formatBytes(layer.activationBytes),
      ]),
      ['', 'total', '', formatCount(parameters), formatCount(multiplyAdds), formatBytes(activationBytes)],
    ],
    texts: ['layer', 'type', 'output'],
  };
  return textTable(table, (text) => io.style.out.dim(text), Number.POSITIVE_INFINITY);
}

function epochLines({ record }: RunDetails, io: Io): string[] {
  const { epochs, metrics } = record;
  if (epochs.length === 0) return ['none yet'];
  const [primary] = metrics;
  const columns = [
    'train_loss' as const,
    ...(primary === undefined ? [] : [keyFor('train', primary)]),
    'eval_loss' as const,
    ...(primary === undefined ? [] : [keyFor('eval', primary)]),
  ].filter((key) => epochs.some((epoch) => epoch[key] != null));
  const best = epochs.findLast((epoch) => epoch.best);
  const shown =
    epochs.length <= MOST_EPOCHS
      ? epochs
      : epochs.filter((epoch, i) => i === 0 || epoch === best || i >= epochs.length - MOST_EPOCHS + 2);
  const table: Table = {
    head: ['epoch', ...columns.map(metricText), 'lr', ''],
    rows: shown.map((epoch) => [
      `${epoch.epoch}`,
      ...columns.map((key) => {
        const value = epoch[key];
        return value == null ? '-' : formatMetric(key, value);
      }),
      formatLr(epoch.lr),
      epoch === best ? 'best' : '',
    ]),
    texts: [''],
  };
  const left = epochs.length - shown.length;
  return [
    ...(io.stdout.isTTY && epochs.length > 1 ? [...lossChart(epochs, io, 2), ''] : []),
    ...textTable(table, (text) => io.style.out.dim(text), Number.POSITIVE_INFINITY),
    ...(left === 0 ? [] : [`${left} more: --json has all`]),
  ];
}

function jsonOf(details: RunDetails): Record<string, unknown> {
  const { record, model, checkpoints, resolved } = details;
  const { start, epochs, timings, diverged, summary, metrics } = record;
  return {
    ...recordOf(details),
    metrics: metrics.map(({ name }) => name),
    model: model && toSnakeCase(model),
    model_text: details.run.model,
    origins: Object.fromEntries(resolved.origins),
    data: details.run.data,
    start,
    history: epochs,
    timings,
    diverged,
    summary,
    checkpoints,
  };
}
