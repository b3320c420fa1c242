import { formatCount, formatLoss } from '../../base/format.js';
import { placesIn } from '../pictures/plane.js';
import { variableColors } from '../report/chart-colors.js';
import { documentOf } from '../report/document.js';
import { Html, html, json } from '../report/html.js';
import { styleSheet } from '../report/style.js';
import { axisLabel, frameOf, landscapeSvg, lossText } from './picture.js';
import type { Landscape, LandscapeRun } from './result.js';
import { LANDSCAPE_SCRIPT } from './script.js';

/**
 * The page of a landscape: the picture, whose losses are read out under the pointer and by arrow keys, and its figures as tables.
 *
 * @param found what was measured
 * @param title of the page
 * @returns the file's text; the same for the same measurement
 */
export function landscapePage(found: Landscape, title: string): string {
  const { runs, path, part, samples, data, resolution, values } = found;
  const plane = frameOf(found);
  const place = placesIn(plane);
  const picture = new Html(
    variableColors(landscapeSvg(found, null), null).replace(
      / width="860" height="640">/,
      ' aria-hidden="true" focusable="false">',
    ),
  );
  const standIn = data.standsInFor === undefined ? '' : `, STANDING IN FOR ${data.standsInFor}`;
  const described = {
    x: [place.x(found.x[0]) / plane.width, place.x(found.x[1]) / plane.width, ...found.x],
    y: [place.y(found.y[0]) / plane.height, place.y(found.y[1]) / plane.height, ...found.y],
    resolution,
    values: values.map((value) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null)),
  };
  const body = html`<figure class="chart">
<div class="plot" id="landscape" role="img" tabindex="0" aria-label="${inWords(found)}">${picture}</div>
<p class="readout" aria-live="polite" id="readout">Loss under the pointer, or by arrow keys.</p>
</figure>
<h2>Flat or sharp</h2>
<p>How much the loss rises, on average, where the weights of every filter are moved by a share of their length in ${runs[0]!.flatness.directions} random directions, each both ways; ± is the standard deviation between directions. Flat is low.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Flat or sharp">${flatnessTable(runs)}</div>
${path !== null && pathTable(found)}
<p class="note">${notesOf(found).join(' ')}</p>
<script type="application/json" id="landscape-data">${json(described)}</script>`;
  const lead = `Loss on ${formatCount(samples)} ${part} samples of ${data.name}${standIn}, at ${formatCount(values.length)} points of a plane. Seed ${found.seed}.`;
  return documentOf({
    title,
    lead: html`<p class="lead">${lead}</p>`,
    body,
    style: `${styleSheet(0)}\n${STYLE}`,
    script: LANDSCAPE_SCRIPT,
  });
}

/** What has to be known to read it, a sentence each. */
export function notesOf(found: Landscape): string[] {
  const { plane, path, runs, statistics } = found;
  const off = runs.filter((run) => run.off > 0);
  return [
    ...(plane === 'random'
      ? [
          'Directions are normalised by filters; biases, and the scales and shifts of norms, stay as they are.',
        ]
      : []),
    ...(statistics === 'fixed' ? ["Batch norm's statistics are those of the run everywhere."] : []),
    ...(statistics === 'moving'
      ? ["Batch norm's statistics move along with the weights, variances in their logarithms."]
      : []),
    ...(path !== null
      ? [
          'The path is drawn where it comes nearest to the plane; the losses that the run recorded there are in the page.',
        ]
      : []),
    ...(path !== null && !isRecordedOnSame(found)
      ? [
          `Those are of ${ownSamples(found)}, the losses of the plane of ${shownSamples(found)}: at one point they are two figures.`,
        ]
      : []),
    ...(path !== null && !path.isExact
      ? [
          `Trained once more, the run did not come to the same bytes: a loss differs by ${lossText(path.largestDifference * 100)} %.`,
        ]
      : []),
    ...off.map(
      ({ name, off: away }) =>
        `${name} lies ${lossText(away)} beside the plane: its loss is that of its own weights.`,
    ),
  ];
}

/** Whether the losses that the run recorded on its way are of the samples that the plane was measured on. */
function isRecordedOnSame({ path, part, samples }: Landscape): boolean {
  const own = path?.recordedSamples ?? null;
  return part === 'val' && (own === null || own === samples);
}

const ownSamples = ({ path }: Landscape): string =>
  path!.recordedSamples === null
    ? "the run's own val samples"
    : `the ${formatCount(path!.recordedSamples)} val samples that the run was evaluated on`;

const shownSamples = ({ part, samples }: Landscape): string =>
  `${formatCount(samples)} ${part === 'other' ? 'samples of other data' : `${part} samples`}`;

function inWords(found: Landscape): string {
  const finite = found.values.filter(Number.isFinite);
  const runs = found.runs.map(({ name, loss }) => `${name} ${lossText(loss)}`).join(', ');
  return `Contours of the loss, from ${lossText(Math.min(...finite))} to ${lossText(Math.max(...finite))}. Across: ${axisLabel(found, 0)}; up: ${axisLabel(found, 1)}. ${runs}. Arrow keys read out its values.`;
}

function flatnessTable(runs: readonly LandscapeRun[]): Html {
  const [{ flatness }] = runs as readonly [LandscapeRun];
  return html`<table><thead><tr><th scope="col">run</th><th scope="col">loss</th>${flatness.rises.map(
    ({ distance }) => html`<th scope="col">rise at ${distance * 100} %</th>`,
  )}</tr></thead><tbody>${runs.map(
    ({ name, loss, flatness: own }) =>
      html`<tr><th scope="row">${name}</th><td>${formatLoss(loss)}</td>${own.rises.map(
        ({ mean, std }) => html`<td>${lossText(mean)} ± ${lossText(std)}</td>`,
      )}</tr>`,
  )}</tbody></table>`;
}

function pathTable(found: Landscape): Html {
  const { path } = found;
  const recorded = `recorded eval loss${isRecordedOnSame(found) ? '' : `, of ${ownSamples(found)}`}`;
  return html`<h2>The path</h2>
<div class="scroll" role="region" tabindex="0" aria-label="The path"><table><thead><tr><th scope="col">epoch</th><th scope="col">x</th><th scope="col">y</th><th scope="col">beside the plane</th><th scope="col">${recorded}</th></tr></thead><tbody>${path!.points.map(
    ({ epoch, at, off, evalLoss }) =>
      html`<tr><th scope="row">${epoch}</th><td>${lossText(at[0])}</td><td>${lossText(at[1])}</td><td>${lossText(off)}</td><td>${evalLoss === null ? '–' : formatLoss(evalLoss)}</td></tr>`,
  )}</tbody></table></div>`;
}

const STYLE = `.plot svg{max-width:980px}
#readout{min-height:1.6em}`;
