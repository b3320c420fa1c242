import { formatLr, plural } from '../../base/format.js';
import type { Point } from '../../train/paths/surfaces.js';
import { refuseExisting, refuseOtherThanHtml, writeFiles } from '../pictures/files.js';
import { levelsOf } from '../pictures/levels.js';
import { axes, bands, clipped, type Grid, type Plane, placesIn, short } from '../pictures/plane.js';
import { colors, variableColors } from '../report/chart-colors.js';
import { documentOf } from '../report/document.js';
import { Html, html, json } from '../report/html.js';
import { colorIndex, markerPath } from '../report/palette.js';
import { styleSheet } from '../report/style.js';
import { endsAlike } from './paths.js';
import type { Paths, PathsVariant, Walk } from './result.js';
import { PATHS_SCRIPT } from './script.js';

const LEVELS = 14;
const [COLUMNS, ROWS] = [121, 91];

/**
 * The page in which paths move: played, stepped through, and looked at with other learning rates. Without a script it shows the
 * whole paths.
 *
 * @param found the paths, with the ladder of learning rates
 * @returns the file's text; the same for the same paths
 */
export function pathsPage(found: Paths): string {
  const { surface, steps, starts, variants } = found;
  const plane: Plane = { ...surface.view, width: 680, height: 540, left: 54, right: 12, top: 28, bottom: 52 };
  const rates = variants[0]!.ladder.map(({ lr }) => lr);
  const from = starts.map(([x, y]) => `(${x}, ${y})`).join(' and ');
  const words = `${surface.name}: f(x, y) = ${surface.formula}, ${surface.about}. ${describe(found)}`;
  const body = html`<figure class="chart">
<div class="plot" role="img" aria-label="${words}">${picture(found, plane)}</div>
<form class="player" hidden>
<p><button type="button" id="play">Play</button>
<label for="step">Step <output id="step-out">${steps}</output></label><input id="step" type="range" min="0" max="${steps}" value="${steps}" step="1"></p>
<p><label for="lr">Learning rate <output id="lr-out">each its own</output></label><input id="lr" type="range" min="0" max="${rates.length}" value="0" step="1"></p>
</form>
<p class="note" id="keys" hidden>Arrow keys move a slider that has the focus; the space bar plays.</p>
</figure>
<div class="scroll" role="region" tabindex="0" aria-label="Optimizers"><table id="standing">
<thead><tr><th scope="col" class="text">optimizer</th><th scope="col">lr</th><th scope="col">arrives</th><th scope="col">x, y</th><th scope="col">f</th></tr></thead>
<tbody>${variants.flatMap((variant, line) => variant.paths.map((_, i) => row(found, variant, line, i)))}</tbody></table></div>
<p class="note">From ${from}. Who stays at f ≤ ${surface.goal} has arrived. ${ownRates(variants)}</p>
<script type="application/json" id="paths-data">${json(dataOf(found, plane, rates))}</script>`;
  const lead = `f(x, y) = ${surface.formula}: ${surface.about}. ${plural(steps, 'step')} of ${plural(variants.length, 'optimizer')}${surface.noise === 0 ? '' : `, noise of seed ${found.seed}`}.`;
  return documentOf({
    title: `Paths over ${surface.name}`,
    lead: html`<p class="lead">${lead}</p>`,
    body,
    style: `${styleSheet(0)}\n${STYLE}`,
    script: PATHS_SCRIPT,
  });
}

function picture({ surface, starts, variants }: Paths, plane: Plane): Html {
  const place = placesIn(plane);
  const grid: Grid = {
    columns: COLUMNS,
    rows: ROWS,
    values: Array.from({ length: COLUMNS * ROWS }, (_, i) => {
      const along = (range: readonly [number, number], share: number) =>
        range[0] + (range[1] - range[0]) * share;
      const x = along(plane.x, (i % COLUMNS) / (COLUMNS - 1));
      return surface.value(x, along(plane.y, Math.floor(i / COLUMNS) / (ROWS - 1)));
    }),
  };
  const cross = ([x, y]: Point, arm: string) =>
    html`<path d="M${short(place.x(x))} ${short(place.y(y))}${arm}" stroke="${colors.ink}" stroke-width="2" fill="none"/>`;
  const trails = variants.flatMap(({ paths }, line) =>
    paths.map(({ points }, i) => {
      const d = points.map(([x, y]) => `${short(place.x(x))} ${short(place.y(y))}`).join('L');
      const [endX, endY] = points.at(-1)!;
      const head = `translate(${short(place.x(endX))} ${short(place.y(endY))}) scale(0.75)`;
      return html`<g id="trail-${line}-${i}"><path class="trail" d="M${d}" fill="none" stroke="${colors.line(line)}" stroke-width="2.2" stroke-linejoin="round"/><path class="head" d="${markerPath(line)}" fill="${colors.line(line)}" stroke="${colors.paper}" stroke-width="1.5" transform="${head}"/></g>`;
    }),
  );
  const svg = html`<svg viewBox="0 0 ${plane.width} ${plane.height}" aria-hidden="true" focusable="false">${clipped(
    'inside',
    plane,
    [
      bands(grid, levelsOf(grid.values as number[], LEVELS), plane),
      surface.minima.map((point) => cross(point, 'm-6 -6l12 12m0 -12l-12 12')),
      starts.map((point) => cross(point, 'm-7 0h14m-7 -7v14')),
      trails,
    ],
  )}${axes(plane, { x: 'x', y: 'y' }, 15)}</svg>`;
  return new Html(variableColors(svg.toString(), null));
}

function row({ starts }: Paths, { name, lr, paths }: PathsVariant, line: number, i: number): Html {
  const path = paths[i]!;
  const [x, y] = path.points.at(-1)!;
  const which = starts.length > 1 ? ` from ${starts[i]!.join(', ')}` : '';
  return html`<tr id="row-${line}-${i}"><th scope="row"><svg class="swatch line-${colorIndex(line)}" viewBox="-14 -11 28 22" aria-hidden="true"><path d="M-14 0H14"/><path d="${markerPath(line)}"/></svg>${name}${which}</th><td>${formatLr(lr)}</td><td>${arrival(path)}</td><td>${x.toFixed(2)}, ${y.toFixed(2)}</td><td>${path.values.at(-1)!.toPrecision(3)}</td></tr>`;
}

function arrival({
  reachedAt,
  divergedAt,
}: {
  readonly reachedAt: number | null;
  readonly divergedAt: number | null;
}): string {
  if (divergedAt !== null) return `diverged at ${divergedAt}`;
  return reachedAt === null ? 'not yet' : `step ${reachedAt}`;
}

function describe({ variants }: Paths): string {
  return variants.flatMap(({ name, paths }) => paths.map((path) => `${name}: ${arrival(path)}`)).join('; ');
}

function ownRates(variants: readonly PathsVariant[]): string {
  const chosen = variants.filter((variant) => !variant.isLrNamed && !endsAlike(variant));
  if (chosen.length === 0) return '';
  const who = chosen.length === variants.length ? 'each' : chosen.map(({ name }) => name).join(', ');
  return `Of its own, ${who} has the best of the learning rates that can be looked through.`;
}

/** Points of the picture to a tenth, as one list of numbers; values to three digits. */
function dataOf({ steps, variants }: Paths, plane: Plane, rates: readonly number[]): unknown {
  const place = placesIn(plane);
  // What is far outside is not seen, and would only be long.
  const near = (value: number) => Math.round(Math.min(Math.max(value, -5000), 5000) * 10) / 10;
  const walk = ({ lr, paths }: Walk) => ({
    lr: formatLr(lr),
    paths: paths.map((path) => ({
      at: arrival(path),
      p: path.points.flatMap(([x, y]) => [near(place.x(x)), near(place.y(y))]),
      v: path.values.map((value) => Number(value.toPrecision(3))),
    })),
  });
  return {
    steps,
    rates: rates.map(formatLr),
    plane: [
      plane.x[0],
      plane.x[1],
      place.x(plane.x[0]),
      place.x(plane.x[1]),
      plane.y[0],
      plane.y[1],
      place.y(plane.y[0]),
      place.y(plane.y[1]),
    ],
    variants: variants.map((variant) => ({ own: walk(variant), ladder: variant.ladder.map(walk) })),
  };
}

const STYLE = `.player[hidden]{display:none}
.player p{display:flex;flex-wrap:wrap;gap:.3rem .8rem;align-items:center;max-width:none;margin:.4rem 0}
.player label{min-width:15rem;font-variant-numeric:tabular-nums}
.player input{flex:1 1 14rem;min-width:10rem;height:1.6rem;accent-color:var(--accent)}
.player button{font:inherit;min-width:5.5rem;min-height:2.4rem;color:var(--paper);background:var(--accent);border:0;border-radius:6px;cursor:pointer}
.plot svg{max-width:900px}
#standing{margin-top:.6rem}
#standing td{white-space:nowrap}`;

/**
 * Checks, before anything is walked, whether a page can be written.
 *
 * @param target the file, and whether to replace one that is there
 * @returns what writes the page, whole or not at all, and tells how many bytes it has
 * @throws UsageError when the file is there already, or is no HTML file
 */
export function writePathsPage({
  file,
  force,
}: {
  readonly file: string;
  readonly force: boolean;
}): (found: Paths) => number {
  refuseOtherThanHtml(file);
  refuseExisting([file], force);
  return (found) => {
    const text = pathsPage(found);
    writeFiles(new Map([[file, text]]));
    return Buffer.byteLength(text);
  };
}
