import { formatPercent } from '../../base/format.js';
import { levelsOf } from '../pictures/levels.js';
import { axes, bands, clipped, FONT, type Plane, placesIn, short } from '../pictures/plane.js';
import { colors } from '../report/chart-colors.js';
import { type Html, html } from '../report/html.js';
import { markerPath } from '../report/palette.js';
import type { Landscape } from './result.js';

const LEVELS = 12;
const SIZE = 15;
/** The line of a path in the palette; runs have their own. */
const PATH_LINE = 1;

/** How the plane lies in the picture. */
export function frameOf({ x, y }: Landscape): Plane {
  return { x, y, width: 860, height: 640, left: 76, right: 190, top: 76, bottom: 56 };
}

/**
 * Draws the loss over the plane: bands, the darker the higher, with a key; the runs, and the way of one.
 *
 * @param found what was measured
 * @param title written above; null: nothing is
 * @returns an SVG document; its colours are names that `chart-colors` resolves
 */
export function landscapeSvg(found: Landscape, title: string | null): string {
  const plane = frameOf(found);
  const { width, height } = plane;
  const levels = levelsOf(found.values, LEVELS);
  const grid = { columns: found.resolution, rows: found.resolution, values: found.values };
  const heading =
    title === null
      ? null
      : html`<text x="18" y="34" font-family="${FONT}" font-size="21" fill="${colors.ink}">${title}</text>`;
  const labels = { x: axisLabel(found, 0), y: axisLabel(found, 1) };
  return `${html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="${colors.paper}"/>${heading}${clipped(
    'plane',
    plane,
    [bands(grid, levels, plane), way(found, plane)],
  )}${axes(plane, labels, SIZE)}${runMarks(found, plane)}${key(found, levels, plane)}</svg>
`}`;
}

/** What an axis is, in words. */
export function axisLabel({ plane, shares }: Landscape, axis: 0 | 1): string {
  const which = axis === 0 ? 'first' : 'second';
  const share = shares[axis];
  if (plane === 'random') return `${which} random direction: 1 is as far as each filter is long`;
  if (share === null) return `random direction across, in units of the weights`;
  const what = plane === 'path' ? 'of the path' : 'between the runs';
  return `${which} principal direction ${what}, ${formatPercent(share)}`;
}

function way({ path }: Landscape, plane: Plane): Html | null {
  if (path === null) return null;
  const place = placesIn(plane);
  const at = path.points.map((point) => [short(place.x(point.at[0])), short(place.y(point.at[1]))] as const);
  const color = colors.line(PATH_LINE);
  return html`<path d="M${at.map((own) => own.join(' ')).join('L')}" fill="none" stroke="${color}" stroke-width="2.5" stroke-linejoin="round"/>${at.map(
    ([x, y]) => html`<circle cx="${x}" cy="${y}" r="3.5" fill="${color}"/>`,
  )}`;
}

/** A mark of its own for each run, and its name beside it, within the drawing where it lies at its edge. */
function runMarks({ runs }: Landscape, plane: Plane): Html {
  const place = placesIn(plane);
  const middle = (plane.left + plane.width - plane.right) / 2;
  return html`<g font-family="${FONT}" font-size="${SIZE}">${runs.map(({ name, at, loss }, line) => {
    const [x, y] = [place.x(at[0]), place.y(at[1])];
    const isLeft = x <= middle;
    const color = colors.line(line);
    return html`<path d="${markerPath(line)}" transform="translate(${short(x)} ${short(y)}) scale(0.9)" fill="${color}" stroke="${colors.paper}" stroke-width="1.5"/><text x="${short(x + (isLeft ? 13 : -13))}" y="${short(y - 11)}" text-anchor="${isLeft ? 'start' : 'end'}" fill="${colors.ink}" stroke="${colors.paper}" stroke-width="3.5" paint-order="stroke">${name} ${lossText(loss)}</text>`;
  })}</g>`;
}

/** The heights between the bands, the highest above, in the shade of what lies above each. */
function key({ values }: Landscape, levels: readonly number[], plane: Plane): Html {
  const [left, top] = [plane.width - plane.right + 26, plane.top + 26];
  const finite = values.filter(Number.isFinite);
  const gone = values.length - finite.length;
  const heights = [Math.min(...finite), ...levels];
  const step = 26;
  const texts = heightTexts(heights).reverse();
  const rows = texts.map((text, i) => {
    const shade = 1 - (1 - 0.04) ** (heights.length - 1 - i);
    const y = top + i * step;
    return html`<rect x="${left}" y="${y}" width="26" height="${step}" fill="${colors.ink}" fill-opacity="${shade.toFixed(3)}" stroke="${colors.muted}" stroke-width="0.7"/><text x="${left + 36}" y="${y + step}">${text}</text>`;
  });
  const note =
    gone === 0
      ? null
      : html`<text x="${left}" y="${top + (heights.length + 1) * step}">${gone} not finite</text>`;
  return html`<g font-family="${FONT}" font-size="${SIZE}" fill="${colors.muted}"><text x="${left}" y="${top - 12}">loss above</text>${rows}${note}</g>`;
}

/** As many digits as tell heights apart, zeros at the end too: 2.0370 above 2.0434. */
function heightTexts(heights: readonly number[]): string[] {
  const all = [3, 4, 5, 6].map((digits) => heights.map((height) => heightText(height, digits)));
  return all.find((texts) => new Set(texts).size === heights.length) ?? all.at(-1)!;
}

function heightText(height: number, digits: number): string {
  const [text, exact] = [lossText(height, digits), height.toPrecision(digits)];
  return text.includes('e') || exact.includes('e') ? text : exact;
}

/** Three digits: 0.0123, 2.31, 1.2e+4. */
export function lossText(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return 'not finite';
  const text = String(Number(value.toPrecision(digits)));
  return text.length <= digits + 4 ? text : value.toExponential(1);
}
