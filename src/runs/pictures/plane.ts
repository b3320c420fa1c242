// d3-contour (ISC) finds the lines of equal height on a grid, and d3-scale where ticks belong: what the field takes for both.
import { contours } from 'd3-contour';
import { scaleLinear } from 'd3-scale';
import { colors } from '../report/chart-colors.js';
import { type Content, type Html, html } from '../report/html.js';

/** A stretch of the plane, as it is drawn. */
export interface Plane {
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
  /** Size of the picture, and what is left around the drawing for labels. */
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Heights on a grid over a whole plane: row by row, the first row at the least y. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly values: ArrayLike<number>;
}

export const FONT = 'DejaVu Sans, Verdana, sans-serif';

/** Where a value is in the picture. */
export function placesIn({ x, y, width, height, left, right, top, bottom }: Plane) {
  return {
    x: scaleLinear()
      .domain(x)
      .range([left, width - right]),
    y: scaleLinear()
      .domain(y)
      .range([height - bottom, top]),
  };
}

/** In tenths of a unit of the picture: more cannot be seen. */
export const short = (value: number): string => String(Math.round(value * 10) / 10);

/**
 * Draws the bands between heights, the higher the darker.
 *
 * @param grid the heights; one that is not finite counts as higher than all
 * @param levels rising
 * @param plane what the grid covers
 * @returns a path for each height: all that is higher
 */
export function bands({ columns, rows, values }: Grid, levels: readonly number[], plane: Plane): Html {
  const place = placesIn(plane);
  const across = (place.x(plane.x[1]) - place.x(plane.x[0])) / (columns - 1);
  const up = (place.y(plane.y[1]) - place.y(plane.y[0])) / (rows - 1);
  const above = 2 * Math.max(1, ...Array.from(values).filter(Number.isFinite).map(Math.abs));
  const heights = Array.from(values, (value) => (Number.isFinite(value) ? value : above));
  const shapes = contours()
    .size([columns, rows])
    .thresholds([...levels])(heights);
  // Of d3-contour, the middle of the first cell is at 0.5; a shape may reach half a cell beyond the middle of the last.
  const pixel = ([x, y]: readonly number[]) => {
    const [column, row] = [
      Math.min(Math.max(x! - 0.5, 0), columns - 1),
      Math.min(Math.max(y! - 0.5, 0), rows - 1),
    ];
    return `${short(place.x(plane.x[0]) + column * across)} ${short(place.y(plane.y[0]) + row * up)}`;
  };
  return html`<g fill="${colors.ink}" fill-opacity="0.04" stroke="${colors.ink}" stroke-opacity="0.3" stroke-width="0.7" fill-rule="evenodd">${shapes.map(
    ({ coordinates }) =>
      html`<path d="${coordinates.flatMap((rings) => rings.map((ring) => `M${ring.map(pixel).join('L')}Z`)).join('')}"/>`,
  )}</g>`;
}

/**
 * Draws what is around: a frame, ticks, and what the axes are.
 *
 * @param plane the plane
 * @param labels of its axes
 * @param size of the letters
 */
export function axes(plane: Plane, labels: { readonly x: string; readonly y: string }, size = 13): Html {
  const place = placesIn(plane);
  const { width, height, left, right, top, bottom } = plane;
  const [innerWidth, innerHeight] = [width - left - right, height - top - bottom];
  const xTicks = place.x.ticks(7).map((value) => {
    const at = short(place.x(value));
    const y = height - bottom;
    return html`<path d="M${at} ${y}v5" stroke="${colors.muted}"/><text x="${at}" y="${y + size + 7}" text-anchor="middle">${place.x.tickFormat(7)(value)}</text>`;
  });
  const yTicks = place.y.ticks(6).map((value) => {
    const at = place.y(value);
    return html`<path d="M${left} ${short(at)}h-5" stroke="${colors.muted}"/><text x="${left - 8}" y="${short(at + size / 3)}" text-anchor="end">${place.y.tickFormat(6)(value)}</text>`;
  });
  return html`<g font-family="${FONT}" font-size="${size}" fill="${colors.muted}"><rect x="${left}" y="${top}" width="${innerWidth}" height="${innerHeight}" fill="none" stroke="${colors.muted}"/>${xTicks}${yTicks}<text x="${left + innerWidth / 2}" y="${height - 6}" text-anchor="middle">${labels.x}</text><text x="${left}" y="${top - 8}">${labels.y}</text></g>`;
}

/** What lies outside the drawing is cut off. */
export function clipped(
  id: string,
  { width, height, left, right, top, bottom }: Plane,
  content: Content,
): Html {
  return html`<clipPath id="${id}"><rect x="${left}" y="${top}" width="${width - left - right}" height="${height - top - bottom}"/></clipPath><g clip-path="url(#${id})">${content}</g>`;
}
