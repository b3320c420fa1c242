import { capital, formatCount, formatDuration, formatLr, formatPercent } from '../../../base/format.js';
import { listing } from '../../../config/problems/text.js';
import { DIVERGENCE } from '../../../train/diagnosis.js';
import { metricText } from '../../metric-text.js';
import {
  differingKeys,
  differingText,
  haveSameLoss,
  otherLosses,
  sharedFirstState,
} from '../../store/differences.js';
import { distinct, type EpochKey, keyFor, type Measured, type Part } from '../../store/figures.js';
import { dataOf, isChosenOnTest, standInOf, statusOf } from '../../store/read.js';
import { differentSamples, nounOf, type SampleGroup } from '../../store/samples.js';
import { chartNumber, swatch } from '../figure.js';
import { type Html, html } from '../html.js';
import type { ReportRun } from '../predictions.js';
import { flatnessColumns } from './flatness.js';

/** The figures of a run that runs are compared by. */
interface Column {
  readonly title: string;
  readonly better: 'lower' | 'higher';
  /** Whether it is a loss, which says nothing beside one of another kind. */
  readonly isLoss?: true;
  /** The samples that it is of; not so of what is no figure of samples. */
  readonly part?: Part | 'test';
  readonly value: (run: ReportRun) => number | null;
  readonly text: (value: number) => string;
  /** Why its values do not compare. */
  readonly note?: string;
}

const last = (key: EpochKey) => (run: ReportRun) => run.record.epochs.at(-1)?.[key] ?? null;
const among = (key: EpochKey, choose: (...values: number[]) => number) => (run: ReportRun) => {
  const values = run.record.epochs.flatMap((epoch) => epoch[key] ?? []);
  return values.length === 0 ? null : choose(...values);
};
const number = (value: number) => chartNumber(value);

const LOSSES: readonly Column[] = [
  {
    title: 'Final training loss',
    better: 'lower',
    isLoss: true,
    part: 'train',
    value: last('train_loss'),
    text: number,
  },
  {
    title: 'Final evaluation loss',
    better: 'lower',
    isLoss: true,
    part: 'eval',
    value: last('eval_loss'),
    text: number,
  },
  {
    title: 'Best evaluation loss',
    better: 'lower',
    isLoss: true,
    part: 'eval',
    value: among('eval_loss', Math.min),
    text: number,
  },
];
const TIME: Column = { title: 'Time', better: 'lower', value: secondsOf, text: formatDuration };

/** Of each metric the last value, of the primary one the best too. */
function columnsOf(metrics: readonly Measured[], hasTest: boolean): Column[] {
  const ofMetrics = metrics.flatMap((metric, i): Column[] => {
    const key = keyFor('eval', metric);
    const isLarger = metric.better === 'larger';
    const common = {
      better: isLarger ? 'higher' : 'lower',
      part: 'eval',
      text: metric.display === 'share' ? formatPercent : number,
    } as const;
    const name = metricText(metric.name);
    const best = { title: `Best ${name}`, value: among(key, isLarger ? Math.max : Math.min), ...common };
    return [{ title: `Final ${name}`, value: last(key), ...common }, ...(i === 0 ? [best] : [])];
  });
  return [...LOSSES, ...ofMetrics, ...(hasTest ? [testColumn(metrics[0]!)] : []), TIME];
}

/** Of the samples that were left for the end. */
function testColumn({ name, better, display }: Measured): Column {
  return {
    title: `Test ${metricText(name)}`,
    better: better === 'larger' ? 'higher' : 'lower',
    part: 'test',
    value: ({ record }) => record.summary?.test?.[`test_${name}`] ?? null,
    text: display === 'share' ? formatPercent : number,
  };
}

/** How the runs ended, with the best of each figure marked. */
export function results(runs: readonly ReportRun[], lead: readonly string[]): Html {
  const sameLoss = haveSameLoss(runs.map(({ record }) => record));
  // The others have a section of their own.
  const metrics = distinct(runs.flatMap(({ record }) => record.metrics)).filter(
    ({ evaluationOnly }) => !evaluationOnly,
  );
  const hasTest = runs.some(({ record }) => record.summary?.test != null);
  const columns: Column[] = [...columnsOf(metrics, hasTest), ...flatnessColumns(runs)];
  const notes = columns.flatMap(({ note }) => note ?? []);
  const best = columns.map(({ better, value, isLoss, part, note }) => {
    if (note !== undefined || (isLoss && !sameLoss) || (part && samplesOf(runs, part) !== null)) return null;
    const values = runs.map(value).filter((found) => found !== null);
    const choose = better === 'lower' ? Math.min : Math.max;
    return runs.length > 1 && values.length > 1 ? choose(...values) : null;
  });
  return html`<section id="results" aria-labelledby="results-title"><h2 id="results-title">Results</h2>
${lead.map((line) => html`<p>${line}</p>`)}
${warnings(runs).map((line) => html`<p class="warning"><strong>Note:</strong> ${line}</p>`)}
<div class="scroll" role="region" tabindex="0" aria-labelledby="results-caption"><table class="results">
<caption id="results-caption"><span>Results by run. ${capital(listing(metrics.map(({ name }) => metricText(name))))} ${metrics.length === 1 ? 'is that' : 'are those'} of evaluation${hasTest ? ', or of the best epoch on the samples that were left for the end' : ''}; time is training and evaluation.${notes.map((note) => ` ${note}`)}</span></caption>
<thead><tr><th scope="col">Run</th><th scope="col" class="text">Status</th><th scope="col">Epochs</th>
${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}<th scope="col">Parameters</th><th scope="col" class="text">Data</th></tr></thead>
<tbody>${runs.map(
    (run) => html`<tr class="run-${run.line}"><th scope="row">${swatch(run.line)}${run.label}</th>
<td class="text">${status(run)}</td><td>${run.record.epochs.length} of ${run.record.config.epochs}</td>
${columns.map(({ value, text }, i) => cell(value(run), text, best[i] ?? null))}
<td>${run.record.start ? formatCount(run.record.start.parameters) : '–'}</td><td class="text">${dataOf(run.record)}</td></tr>
`,
  )}</tbody></table></div>
</section>`;
}

function cell(value: number | null, text: (value: number) => string, best: number | null): Html {
  if (value === null) return html`<td>–</td>`;
  if (value !== best) return html`<td>${text(value)}</td>`;
  return html`<td class="best"><strong>${text(value)}</strong><span class="visually-hidden"> best</span></td>`;
}

function status({ record }: ReportRun): Html {
  const name = statusOf(record);
  return html`<span class="status ${name === 'done' ? 'done' : 'failed'}">${name}</span>`;
}

/** Seconds of all epochs, also of a run that was resumed; null where not all are on record. */
function secondsOf({ record: { timings, epochs } }: ReportRun): number | null {
  if (timings.length === 0 || timings.length < epochs.length) return null;
  return timings.reduce((sum, { train_seconds, eval_seconds }) => sum + train_seconds + eval_seconds, 0);
}

/** What must be known before the figures are believed or compared. */
function warnings(runs: readonly ReportRun[]): string[] {
  const standIns = runs.filter(({ record }) => standInOf(record) !== undefined);
  const names = standIns.map(({ label }) => label).join(', ');
  return [
    ...(standIns.length > 0
      ? [
          `${runs.length === 1 ? 'This run' : names} trained on generated shapes, standing in for ${standInOf(standIns[0]!.record)}: these are not results on ${standInOf(standIns[0]!.record)}.`,
        ]
      : []),
    ...runs.flatMap(endOf),
    ...chosenOnTest(runs),
    ...(runs.length > 1 ? differences(runs) : []),
  ];
}

/** What chose is no judge: the best epoch is the best of many on the very samples that it is judged by. */
function chosenOnTest(runs: readonly ReportRun[]): string[] {
  const chosen = runs.filter(
    ({ record }) => record.config.checkpoint.monitor.startsWith('eval_') && isChosenOnTest(record.start),
  );
  if (chosen.length === 0) return [];
  const which = chosen.length === runs.length ? '' : ` of ${listing(chosen.map(({ label }) => label))}`;
  return [
    `The best epoch${which} was chosen on the test set, so that its figures are better than they would be on other ${nounOf(chosen.map(({ record }) => record))}s. ${remedyFor(chosen)}`,
  ];
}

function endOf({ record, label }: ReportRun): string[] {
  const { diverged, epochs, config } = record;
  if (diverged !== null) {
    const { cause, suggested_lr } = diverged;
    const next =
      suggested_lr === null
        ? `${DIVERGENCE[cause].finding} ${DIVERGENCE[cause].advice}`
        : `A learning rate to try: ${formatLr(suggested_lr)}.`;
    return [
      `${label} diverged at step ${formatCount(diverged.step)}, in epoch ${diverged.epoch}, at a learning rate of ${formatLr(diverged.lr)}. The first tensor that was not finite: ${diverged.tensor}. ${next}`,
    ];
  }
  const status = statusOf(record);
  if (status === 'done') return [];
  const what = status === 'interrupted' ? 'was interrupted' : 'has not ended: it was killed or still runs';
  return [`${label} ${what}, after ${epochs.length} of ${config.epochs} epochs.`];
}

/** Whether the comparison is fair: the same data, first weights and batches. */
function differences(runs: readonly ReportRun[]): string[] {
  const { weights, batches, isRecorded } = sharedFirstState(runs.map(({ record }) => record));
  const records = runs.map(({ record }) => record);
  const keys = differingKeys(records);
  const noun = nounOf(records);
  return [
    ...(haveSameLoss(records) ? [] : [`${capital(otherLosses(records[0]!.metrics[0]!.name))}.`]),
    ...(keys.length > 0 ? [`The runs ${differingText(keys)}.`] : []),
    ...apart(`The runs were evaluated on different ${noun}s`, 'evaluation', samplesOf(runs, 'eval')),
    ...apart(`The runs were tested on different ${noun}s`, 'test', samplesOf(runs, 'test')),
    ...apart(`The runs were trained on different ${noun}s`, 'training', samplesOf(runs, 'train')),
    ...(isRecorded && weights === null ? ['The runs began with different weights.'] : []),
    ...(isRecorded && batches === null
      ? ['The runs did not train on the same batches in the same order.']
      : []),
  ];
}

const samplesOf = (runs: readonly ReportRun[], part: Part | 'test') =>
  differentSamples(
    runs.map(({ label, record }) => ({ name: label, record })),
    part,
  );

function apart(what: string, figures: string, samples: readonly SampleGroup[] | null): string[] {
  if (samples === null) return [];
  const groups = samples.map((group) => `${listing(group.names)} on ${group.samples}`).join('; ');
  return [`${what}, so that their ${figures} figures do not compare: ${groups}.`];
}

/** One sentence when the runs had everything in common but what was to be compared. */
export function fairness(runs: readonly ReportRun[]): string | null {
  const { weights, batches, isRecorded } = sharedFirstState(runs.map(({ record }) => record));
  if (runs.length < 2 || !isRecorded || weights === null || batches === null) return null;
  return 'The runs began with the same weights and trained on the same batches in the same order.';
}

/** Of data of one's own what is there to choose with may be a file or arrays of their own: then others are left for the end. */
function remedyFor(runs: readonly ReportRun[]): string {
  const blocks = runs.map(({ record }) => record.config.dataset);
  if (blocks.every((block) => block.type === 'csv' && block.eval_path !== null)) {
    return 'dataset.test_path names another table, left for the end.';
  }
  if (blocks.every((block) => block.type === 'arrays' && block.eval !== null)) {
    return 'dataset.test names other arrays, left for the end.';
  }
  return blocks.some(
    ({ type }) => type === 'csv' || type === 'arrays' || type === 'image_folder' || type === 'text',
  )
    ? 'dataset.split.test leaves a part for the end.'
    : 'dataset.split holds out a part to choose with.';
}
