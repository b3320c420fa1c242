import { capital } from '../../../base/format.js';
import type { Monitor } from '../../../train/task/index.js';
import { metricText } from '../../metric-text.js';
import { distinct, keyFor, type Measured, type Part } from '../../store/figures.js';
import type { RunRecord } from '../../store/read.js';
import { nounOf } from '../../store/samples.js';
import { figure } from '../figure.js';
import { type Html, html } from '../html.js';
import type { ReportRun } from '../predictions.js';
import { type Chart, downsample, hasPoints, type Point, type Series, scaleFor, smooth } from '../series.js';

/** Points of a line in the page, and greatest / least value from which a loss is drawn on a logarithmic scale. */
const MOST_POINTS = 240;
const WIDE_RANGE = 100;
/** Weight of what was before in the moving average of the loss per step. */
const SMOOTHING = 0.9;
/** More runs than this, and the raw values behind the averages hide them. */
const MOST_WITH_RAW = 4;

type Runs = readonly Pick<ReportRun, 'record' | 'label' | 'line'>[];

/** The main chart: loss of training and evaluation by epoch; by step when no epoch came to its end. */
export function lossChart(runs: Runs): Chart {
  const byEpoch = epochChart(runs, LOSS);
  return hasPoints(byEpoch) ? byEpoch : { ...stepLossChart(runs), id: 'loss' };
}

/** Loss and metrics by epoch; loss and gradient norm by step. */
export function curves(runs: Runs): Html {
  const monitors = new Set(runs.map(({ record }) => record.config.checkpoint.monitor));
  const metrics = distinct(runs.flatMap(({ record }) => record.metrics))
    .filter((metric) => !metric.evaluationOnly || monitors.has(keyFor('eval', metric) as Monitor))
    .map((metric) => epochChart(runs, metric));
  const noun = nounOf(runs.map(({ record }) => record));
  const loss = lossChart(runs);
  const steps = stepLossChart(runs);
  const norm = normChart(runs);
  return html`<section id="curves" aria-labelledby="curves-title"><h2 id="curves-title">Curves</h2>
<p>Solid lines are evaluation, dashed lines training: the mean over an epoch, each ${noun} as the model was when it saw it.</p>
${figure(loss, { wide: true })}
<div class="grid">
${metrics.map((chart) => figure(chart))}
${loss.xLabel !== 'step' && figure(steps, { note: stepNote(steps) })}
${hasPoints(norm) && figure(norm)}
</div></section>`;
}

type EpochFigure = Pick<Measured, 'name' | 'display' | 'evaluationOnly'>;
const LOSS: EpochFigure = { name: 'loss', display: 'value' };

function epochChart(runs: Runs, shown: EpochFigure): Chart {
  const name = metricText(shown.name);
  const percent = shown.display === 'share';
  const measured = runs.filter(
    ({ record }) => shown === LOSS || record.metrics.some((metric) => metric.name === shown.name),
  );
  const series = measured.flatMap(({ record, label, line }): Series[] => {
    const of = (part: Part): Point[] =>
      record.epochs.map((epoch) => [epoch.epoch, epoch[keyFor(part, shown)] ?? null]);
    const evaluation = of('eval').filter(([, y], i) => y !== null || wasEvaluated(record, i));
    const isEvaluated = evaluation.some(([, y]) => y !== null);
    const names = isEvaluated ? {} : { label };
    return [
      ...(shown.evaluationOnly
        ? []
        : [{ name: `${label}, training`, ...names, line, look: 'dashed' as const, points: of('train') }]),
      ...(isEvaluated
        ? [{ name: `${label}, evaluation`, label, line, look: 'solid' as const, points: evaluation }]
        : []),
    ];
  });
  return {
    id: shown.name,
    title: `${capital(name)} by epoch`,
    xLabel: 'epoch',
    yLabel: name,
    yScale: percent ? 'linear' : scaleFor(series, WIDE_RANGE),
    percent,
    series: series.map((one) => ({ ...one, points: downsample(one.points, MOST_POINTS) })),
    byRun: true,
  };
}

/** An epoch between two evaluations is no gap in their line; one whose evaluation was not finite is. */
function wasEvaluated({ epochs, config }: RunRecord, index: number): boolean {
  const every = Number(config.evaluation.every);
  return every > 0 && epochs[index]!.epoch % every === 0;
}

function stepLossChart(runs: Runs): Chart {
  const series = runs.flatMap(({ record, label, line }): Series[] => {
    const raw: Point[] = record.steps.map(({ step, loss }) => [step, loss]);
    const average = { name: label, label, line, look: 'solid' as const, points: smooth(raw, SMOOTHING) };
    if (runs.length > MOST_WITH_RAW) return [average];
    return [{ name: `${label}, raw`, line, look: 'faint', points: raw }, average];
  });
  return {
    id: 'steps',
    title: 'Training loss by step',
    xLabel: 'step',
    yLabel: 'loss of a batch',
    yScale: scaleFor(series, WIDE_RANGE),
    series: series.map((one) => ({ ...one, points: downsample(one.points, MOST_POINTS) })),
    byRun: true,
  };
}

function stepNote({ series }: Chart): string {
  const raw = series.some(({ look }) => look === 'faint')
    ? '; the faint lines are the batches themselves'
    : '';
  return `Moving average with weight ${SMOOTHING}${raw}.`;
}

function normChart(runs: Runs): Chart {
  const series = runs.flatMap(({ record, label, line }): Series[] => {
    const points: Point[] = record.steps.map(({ step, grad_norm }) => [step, grad_norm]);
    if (!points.some(([, y]) => y !== null)) return [];
    return [{ name: label, label, line, look: 'solid', points: downsample(points, MOST_POINTS) }];
  });
  return {
    id: 'grad-norm',
    title: 'Gradient norm by step, before clipping',
    xLabel: 'step',
    yLabel: 'gradient norm',
    yScale: scaleFor(series, 50),
    fromZero: true,
    series,
    byRun: true,
  };
}
