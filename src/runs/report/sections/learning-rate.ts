import { formatLr } from '../../../base/format.js';
import { shellWord } from '../../../base/printable.js';
import { namedLr, toCamelCase } from '../../../config/index.js';
import type { RunRecord } from '../../store/read.js';
import { neighboursOf, nextOf, STRIDE, triedText } from '../explain/neighbours.js';
import { effectText, groupName, isConstant, ratesOf, scheduleText } from '../explain/rate.js';
import { verdictOf } from '../explain/verdict.js';
import { figure, swatch } from '../figure.js';
import { type Html, html } from '../html.js';
import type { ReportRun } from '../predictions.js';
import { type Chart, downsample, type Point, type Series, scaleFor } from '../series.js';

const MOST_POINTS = 240;
/** From this ratio of greatest to least on, the scale is logarithmic. */
const WIDE_RANGE = 10;
/** Runs beyond these are folded away. */
const OPEN_RUNS = 4;

type Shown = Pick<ReportRun, 'record' | 'label' | 'line'>;

/** Of each run: its schedule, what came of it, the verdict, what other runs tell, and what to try. */
export function learningRate(runs: readonly Shown[]): Html {
  const records = runs.map(({ record }) => record);
  const hasChart = records.some((record) => ratesOf(record).length > 0 && !isConstant(record));
  const chart = lrChart(runs);
  const hasGroups = chart.series.some(({ look }) => look === 'dashed');
  const note = hasGroups ? { note: "Dashed: the learning rates of the optimizer's groups." } : {};
  return html`<section id="learning-rate" class="rates" aria-labelledby="learning-rate-title"><h2 id="learning-rate-title">Learning rate</h2>
${hasChart && figure(chart, { wide: true, ...note })}
${runs.map((run, i) => {
  const content = paragraphs(run.record, records);
  if (runs.length === 1) return content;
  return html`<details class="run run-${run.line}"${i < OPEN_RUNS && html` open`}><summary>${swatch(run.line)}${run.label}</summary>${content}</details>
`;
})}</section>`;
}

function paragraphs(record: RunRecord, all: readonly RunRecord[]): Html[] {
  const { title, text } = verdictOf(record);
  const neighbours = neighboursOf(record, all);
  const effect = effectText(record);
  return [
    html`<p>${[scheduleText(record), ...(effect === null ? [] : [effect])].join(' ')}</p>
`,
    html`<p class="verdict">${title !== null && html`<strong>${title}:</strong> `}${text}</p>
`,
    ...(neighbours === null ? [] : [html`<p>${triedText(neighbours)}</p>`]),
    ...nextText(record, neighbours).map(
      (line) => html`<p>${line}</p>
`,
    ),
  ];
}

/** What was tried goes before what was computed; where they point different ways, nothing is advised beside the verdict. */
function nextText(record: RunRecord, neighbours: ReturnType<typeof neighboursOf>): string[] {
  const { key, lr } = namedLr(toCamelCase(record.config));
  const kind = record.summary?.diagnosis?.kind ?? null;
  if (neighbours !== null) {
    const next = nextOf(neighbours, key);
    const isAgainst =
      (next?.direction === 'larger' && kind === 'too_large') ||
      (next?.direction === 'smaller' && kind === 'too_slow');
    return next === null || isAgainst ? [] : [next.text];
  }
  if (kind !== 'healthy') return [];
  const others = [lr / STRIDE, lr, lr * STRIDE].map((value) => formatLr(Number(value.toPrecision(2))));
  const command = `lossnet compare ${key}=${others.join(',')} --config ${shellWord(`${record.path}/config.yaml`)}`;
  return [`Whether another one is better still, a comparison tells: ${command}`];
}

function lrChart(runs: readonly Shown[]): Chart {
  const series = runs.flatMap(({ record, label, line }): Series[] => {
    const { steps, config } = record;
    const groups = config.optimizer.groups.map((_, i): Series => {
      const points = steps.map(({ step, group_lrs }): Point => [step, group_lrs?.[i] ?? null]);
      const name = `${label}, ${groupName(config.optimizer, i)}`;
      return { name, label: `group ${i + 1}`, line, look: 'dashed', points: downsample(points, MOST_POINTS) };
    });
    const points = ratesOf(record).map(({ step, lr }): Point => [step, lr]);
    const own: Series = { name: label, label, line, look: 'solid', points: downsample(points, MOST_POINTS) };
    return points.length === 0
      ? []
      : [...groups.filter(({ points }) => points.some(([, y]) => y !== null)), own];
  });
  return {
    id: 'lr',
    title: 'Learning rate by step',
    xLabel: 'step',
    yLabel: 'learning rate',
    yScale: scaleFor(series, WIDE_RANGE),
    fromZero: true,
    series,
    byRun: true,
  };
}
