import { formatCount, formatPercent } from '../../../base/format.js';
import type { CalibrationBin, ClassDetail, ValueDetail } from '../../../train/task/index.js';
import { formatMetric, metricText } from '../../metric-text.js';
import { distinct, keyFor, type Measured } from '../../store/figures.js';
import { chartNumber, swatch } from '../figure.js';
import { type Html, html } from '../html.js';
import type { ReportRun } from '../predictions.js';
import { tokenTable } from './token-mistakes.js';

/** All figures of the evaluation, and those of each class or value. */
export function metrics(runs: readonly ReportRun[]): Html {
  const details = runs.map(detailOf);
  const isOne = runs.length === 1;
  return html`<section id="metrics" aria-labelledby="metrics-title"><h2 id="metrics-title">Metrics</h2>
${figures(runs)}
${runs.map((run, i) => {
  const content = details[i]!;
  if (isOne || content === null) return content;
  return html`<details class="run"><summary>${run.label}</summary>${content}</details>
`;
})}</section>`;
}

/** The figures of the last epoch that was evaluated; those of before a version are not on record. */
function figures(runs: readonly ReportRun[]): Html {
  const all = distinct(runs.flatMap(({ record }) => record.metrics));
  const value = (run: ReportRun, metric: Measured): string => {
    const epoch = run.record.epochs.findLast(({ eval_loss }) => eval_loss !== null);
    const known = epoch?.[keyFor('eval', metric)];
    if (known === undefined) return '–';
    return known === null ? 'not defined' : formatMetric(metric.name, known);
  };
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="metrics-caption"><table class="metrics">
<caption id="metrics-caption"><span>Figures of the last evaluation of each run.</span></caption>
<thead><tr><th scope="col">Run</th>${all.map(({ name }) => html`<th scope="col">${metricText(name)}</th>`)}</tr></thead>
<tbody>${runs.map(
    (run) => html`<tr class="run-${run.line}"><th scope="row">${swatch(run.line)}${run.label}</th>
${all.map((metric) => html`<td>${value(run, metric)}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}

function detailOf({ predicted, label, line }: ReportRun): Html | null {
  if (predicted.kind === 'none') return null;
  const what = `${label}, checkpoint ${predicted.checkpoint}`;
  if (predicted.kind === 'tokens') return tokenTable(predicted.predictions.detail, what, line);
  const { detail } = predicted;
  if (detail.kind === 'value') return detail.values.length > 1 ? valueTable(detail, what, line) : null;
  return html`${classTable(detail, what, line)}
${detail.calibration && calibrationTable(detail.calibration, what, line)}`;
}

function classTable({ classes }: ClassDetail, what: string, line: number): Html {
  const unsaid = classes.filter(({ said }) => said === 0).map(({ name }) => name);
  const absent = classes.filter(({ support }) => support === 0).map(({ name }) => name);
  const id = `classes-${line}`;
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table>
<caption id="${id}"><span>Each class, by ${what}. Precision: the share of what is taken for the class that is of it; recall: the share of the class
that is taken for it; F1: their harmonic mean.</span></caption>
<thead><tr><th scope="col">Class</th><th scope="col">precision</th><th scope="col">recall</th><th scope="col">F1</th><th scope="col">support</th></tr></thead>
<tbody>${classes.map(
    ({
      name,
      precision,
      recall,
      f1,
      support,
    }) => html`<tr><th scope="row">${name}</th><td>${formatPercent(precision)}</td>
<td>${formatPercent(recall)}</td><td>${chartNumber(f1)}</td><td>${formatCount(support)}</td></tr>
`,
  )}</tbody></table></div>
${unsaid.length > 0 && html`<p class="note">Nothing was taken for ${unsaid.join(', ')}: the precision is not defined, and stands as 0.</p>`}
${absent.length > 0 && html`<p class="note">No sample that counts is of ${absent.join(', ')}: the recall is not defined, and stands as 0.</p>`}`;
}

function calibrationTable(bins: readonly CalibrationBin[], what: string, line: number): Html {
  const id = `calibration-${line}`;
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table>
<caption id="${id}"><span>Calibration of ${what}: how often it is right where it is so sure. The expected calibration error is the mean distance of
both, over the samples.</span></caption>
<thead><tr><th scope="col">Probability</th><th scope="col">samples</th><th scope="col">mean probability</th><th scope="col">right</th><th scope="col">too sure by</th></tr></thead>
<tbody>${bins
    .filter(({ samples }) => samples > 0)
    .map(
      ({
        from,
        to,
        samples,
        confidence,
        accuracy,
      }) => html`<tr><th scope="row">${from.toFixed(3)} to ${to.toFixed(3)}</th>
<td>${formatCount(samples)}</td><td>${formatPercent(confidence)}</td><td>${formatPercent(accuracy)}</td><td>${points(confidence - accuracy)}</td></tr>
`,
    )}</tbody></table></div>`;
}

const points = (share: number) => `${(share * 100).toFixed(2)} points`;

function valueTable({ values }: ValueDetail, what: string, line: number): Html {
  const id = `values-${line}`;
  const names = Object.keys(values[0]!.metrics);
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table>
<caption id="${id}"><span>Each value by itself, in its own units, by ${what}.</span></caption>
<thead><tr><th scope="col">Value</th>${names.map((name) => html`<th scope="col">${metricText(name)}</th>`)}</tr></thead>
<tbody>${values.map(
    ({
      name,
      metrics: own,
    }) => html`<tr><th scope="row">${name}</th>${names.map((metric) => html`<td>${chartNumber(own[metric]!)}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}
