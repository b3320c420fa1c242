import { capital, plural } from '../../base/format.js';
import type { RecordedTuning } from '../compare/tune/record.js';
import { dataOf } from '../store/read.js';
import { documentOf } from './document.js';
import { verdictOf } from './explain/verdict.js';
import { swatch } from './figure.js';
import { type Html, html } from './html.js';
import type { ReportRun } from './predictions.js';
import { SCRIPT } from './script.js';
import { configs } from './sections/configs.js';
import { curves } from './sections/curves.js';
import { layers } from './sections/layers.js';
import { learningRate } from './sections/learning-rate.js';
import { metrics } from './sections/metrics.js';
import { mistakes } from './sections/mistakes.js';
import { fairness, results } from './sections/results.js';
import { tuning } from './sections/tuning.js';
import { styleSheet } from './style.js';

/** More runs than these would hide the charts when their list stays in sight. */
const MOST_STUCK = 6;

/**
 * The report as one HTML file that needs nothing else; see `documentOf`.
 *
 * @param runs what it shows
 * @param options title; lead: what to say first, a paragraph each; mistakes: whether to show confusion and images; tuning: what
 * was tuned before, null: nothing
 * @returns the file's text; the same for the same runs
 */
export function page(
  runs: readonly ReportRun[],
  options: {
    readonly title: string;
    readonly lead: readonly string[];
    readonly mistakes: boolean;
    readonly tuning?: RecordedTuning | null;
  },
): string {
  const { title, lead } = options;
  const sections = [
    ['results', 'Results'],
    ...(options.tuning ? [['tuning', 'Tuning']] : []),
    ['curves', 'Curves'],
    ['learning-rate', 'Learning rate'],
    ['metrics', 'Metrics'],
    ['layers', 'Layers'],
    ...(options.mistakes ? [['mistakes', 'Mistakes']] : []),
    ['configs', 'Configuration'],
  ];
  const fair = fairness(runs);
  const body = html`${runs.length > 1 && toggles(runs)}
${results(runs, [...lead, ...verdictOfOne(runs), ...(fair === null ? [] : [fair])])}
${options.tuning && tuning(options.tuning)}
${curves(runs)}
${learningRate(runs)}
${metrics(runs)}
${layers(runs)}
${options.mistakes && mistakes(runs)}
${configs(runs)}`;
  return documentOf({
    title,
    lead: html`<p class="lead">${describe(runs)}</p>`,
    nav: html`<nav aria-label="Sections"><ul>${sections.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`,
    body,
    style: styleSheet(runs.length),
    script: SCRIPT,
  });
}

/** Of a single run, what its training ended with; that it diverged is said among the warnings. */
function verdictOfOne(runs: readonly ReportRun[]): string[] {
  if (runs.length > 1) return [];
  const { title, text } = verdictOf(runs[0]!.record);
  return title === null || title === 'diverged' ? [] : [`${capital(title)}: ${text}`];
}

function describe(runs: readonly ReportRun[]): string {
  const [{ record }] = runs as readonly [ReportRun];
  const all = (values: readonly string[]) => [...new Set(values)].join('; ');
  const data = all(runs.map((run) => dataOf(run.record)));
  const optimizers = all(runs.map((run) => run.record.config.optimizer.type));
  const losses = all(runs.map((run) => run.record.config.loss.type));
  const what = runs.length === 1 ? `Run ${record.path}` : plural(runs.length, 'run');
  return `${what} on ${data}. Loss: ${losses}; optimizer: ${optimizers}.`;
}

function toggles(runs: readonly ReportRun[]): Html {
  return html`<fieldset class="runs${runs.length <= MOST_STUCK && ' stuck'}"><legend>Show</legend>${runs.map(
    ({ line, label }) =>
      html`<label><input type="checkbox" id="show-${line}" checked autocomplete="off">${swatch(line)}${label}</label>`,
  )}</fieldset>`;
}
