import { createHash } from 'node:crypto';
import { capital, plural } from '../../base/format.js';
import { VERSION } from '../../base/package.js';
import type { RecordedTuning } from '../compare/tune/record.js';
import { dataOf } from '../store/read.js';
import { verdictOf } from './explain/verdict.js';
import { swatch } from './figure.js';
import { Html, html } from './html.js';
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
 * The report as one HTML file that needs nothing else: a policy in it forbids the browser to load anything, and to run
 * any script or style but its own.
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
  const style = styleSheet(runs.length);
  const policy = `default-src 'none'; img-src data:; style-src '${hashOf(style)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'`;
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
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="lossnet ${VERSION}">
<title>${title} – lossnet</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header><h1>${title}</h1>
<p class="lead">${describe(runs)}</p>
<nav aria-label="Sections"><ul>${sections.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main id="main" tabindex="-1">
${runs.length > 1 && toggles(runs)}
${results(runs, [...lead, ...verdictOfOne(runs), ...(fair === null ? [] : [fair])])}
${options.tuning && tuning(options.tuning)}
${curves(runs)}
${learningRate(runs)}
${metrics(runs)}
${layers(runs)}
${options.mistakes && mistakes(runs)}
${configs(runs)}
</main>
<footer>Written by lossnet ${VERSION}.</footer>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`}`;
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

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
