import type { RunRecord } from '../../store/read.js';
import { layerName } from '../explain/layer-steps.js';
import { whyText } from '../explain/optimizers.js';
import { updatesText } from '../explain/updates.js';
import { figure } from '../figure.js';
import { type Html, html } from '../html.js';
import type { ReportRun } from '../predictions.js';
import { type Chart, downsample, hasPoints, type Point, type Series, scaleFor } from '../series.js';

const MOST_POINTS = 90;
/** From this ratio of greatest to least on, the scale is logarithmic: layers differ by orders of magnitude. */
const WIDE_RANGE = 8;
/** Runs beyond these are folded away. */
const OPEN_RUNS = 2;

/** Gradient norm and update-to-weight ratio of each layer, for each run. */
export function layers(runs: readonly ReportRun[]): Html {
  const missing = runs.filter(({ record }) => record.layers.length === 0);
  const found = runs.filter(({ record }) => record.layers.length > 0);
  const names = missing.map(({ label }) => label).join(', ');
  return html`<section id="layers" aria-labelledby="layers-title"><h2 id="layers-title">Layers</h2>
<p>How large each layer's gradients are, and by what share of their size its weights change in a step. What share is right depends on
the optimizer and the model: the loss tells.</p>
${runs.length > 1 && whyText(runs).map((text) => html`<p class="why">${text}</p>`)}
${missing.length > 0 && html`<p class="missing">No figures of layers were recorded by ${missing.length === runs.length && runs.length > 1 ? 'any of the runs' : names}: lossnet records them every log_every steps, older versions do not, and neither does a run that ends before that.</p>`}
${found.map((run, i) => {
  const charts = html`${updatesText(run.record).map((text) => html`<p>${text}</p>`)}
<div class="grid">${layerCharts(run).map((chart) => figure(chart))}</div>`;
  if (runs.length === 1) return charts;
  return html`<details class="run"${i < OPEN_RUNS && html` open`}><summary>${run.label}</summary>${charts}</details>`;
})}</section>`;
}

function layerCharts({ record, line }: ReportRun): Chart[] {
  const chart = (key: 'grad_norm' | 'update_ratio', title: string, yLabel: string): Chart => {
    const series = seriesOf(record, key);
    return {
      id: `layers-${line}-${key.replace('_', '-')}`,
      title,
      xLabel: 'step',
      yLabel,
      yScale: scaleFor(series, WIDE_RANGE),
      fromZero: true,
      series,
      byRun: false,
    };
  };
  return [
    chart('grad_norm', 'Gradient norm by layer', 'gradient norm'),
    chart('update_ratio', 'Update-to-weight ratio by layer', 'update / weight'),
  ].filter(hasPoints);
}

function seriesOf(record: RunRecord, key: 'grad_norm' | 'update_ratio'): Series[] {
  const records = record.layers;
  const names = [...new Set(records.flatMap(({ layers }) => layers.map(({ layer }) => layer)))];
  return names.map((layer, line) => {
    const points = records.map(({ step, layers }): Point => {
      return [step, layers.find((one) => one.layer === layer)?.[key] ?? null];
    });
    const name = layerName(layer, record);
    return { name, label: name, line, look: 'solid', points: downsample(points, MOST_POINTS) };
  });
}
