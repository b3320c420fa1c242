import { inspect } from 'node:util';
import { printable } from '../../base/printable.js';
import { displayWidth } from '../../config/problems/text.js';
import { type Axis, axisFor, isShown, type ScaleType } from './axis.js';
import { braille, Canvas, DOTS_ACROSS, DOTS_DOWN } from './canvas.js';
import { rowsOf, xAxis } from './chart-labels.js';

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ChartOptions {
  /** Columns of the whole chart, 20 or more. */
  readonly width: number;
  /** Lines of the area that the curves are drawn in, 3 or more; title, axis and legend come on top of them. */
  readonly height: number;
  readonly title?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  readonly xScale?: ScaleType;
  readonly yScale?: ScaleType;
  readonly color: boolean;
  /** Points that stand out, each with a character of its own; default: none. */
  readonly marked?: readonly { readonly x: number; readonly y: number; readonly mark: string }[];
}

/** One for each series: told apart without colour too. */
export const MARKS = [...'●■▲◆○□△◇★☆abcdefghijklmnopqrstuvwxyz'];
export const COLORS = ['cyan', 'yellow', 'magenta', 'green', 'red', 'blue'] as const;
/** Columns between two marks on a curve of many points. */
const SPACING = 12;
/** Where points are at least so far apart, marks stand at them alone: any other would look like one more. */
const APART = 4;

/** Where a cell of the drawing lies. */
interface Place {
  readonly column: number;
  readonly row: number;
}

/** A cell of the drawing, and the series whose colour it has. */
interface Cell {
  readonly text: string;
  readonly series: number;
}

/**
 * Draws curves with characters: lines of braille dots, a mark of its own on each of several series. All points count,
 * however many: what falls on the same dot is one dot.
 *
 * simple-ascii-chart and asciichart, the libraries there are for this, draw a row of characters per value, all series
 * with the same ones, and know no logarithmic axis; two curves that cross cannot be read without colour.
 *
 * @param series what is drawn, in the order of their points; a point that is not finite, or not above 0 on a
 * logarithmic axis, leaves a gap
 * @param options size, labels, scales (default linear) and whether there is colour
 * @returns lines joined by \n, none wider than `width`, with axes, ticks and a legend
 */
export function lineChart(series: readonly Series[], options: ChartOptions): string {
  const { xScale = 'linear', yScale = 'linear', title, xLabel, yLabel } = options;
  const width = Math.max(20, Math.floor(options.width));
  const height = Math.max(3, Math.floor(options.height));
  const shown = series.map(({ points }) =>
    points.map(([x, y]) => (isShown(x, xScale) && isShown(y, yScale) ? ([x, y] as const) : null)),
  );
  const points = shown.flat().filter((point) => point !== null);

  const y = axisFor(
    points.map(([, value]) => value),
    yScale,
    height * DOTS_DOWN,
    true,
  );
  const yTicks = rowsOf(y, height, points.length > 0, yScale === 'linear');
  const gutter = Math.min(Math.max(0, ...[...yTicks.values()].map((label) => label.length)), width - 12);
  const columns = width - gutter - 1;
  const xValues = points.map(([value]) => value);
  const x = axisFor(xValues, xScale, columns * DOTS_ACROSS, false);

  const canvases = shown.map((line) => drawn(line, x, y, new Canvas(columns, height)));
  const stops = shown.map((line) =>
    line.length * APART > columns
      ? null
      : line.flatMap((point) => (point ? cellOf(x.position(point[0]), y.position(point[1]), height) : [])),
  );
  const grid = compose(canvases, stops, columns, height);
  for (const { x: across, y: up, mark } of options.marked ?? []) {
    const { column, row } = cellOf(x.position(across), y.position(up), height);
    const cells = Number.isNaN(column) ? undefined : grid[row];
    if (cells) cells[column] = { text: mark, series: cells[column]?.series ?? 0 };
  }
  const body = grid.map((cells, row) => {
    const label = yTicks.get(row);
    const axis = `${(label ?? '').slice(0, gutter).padStart(gutter)}${label === undefined ? '│' : '┤'}`;
    return `${axis}${paint(cells, options.color)}`;
  });
  const isWhole = xScale === 'linear' && xValues.every(Number.isInteger);
  const ticks = points.length === 0 ? [] : x.ticks(Math.max(2, Math.round(columns / 12)), isWhole);
  const [line, labels] = xAxis(ticks, x, columns);
  const indent = ' '.repeat(gutter);
  return [
    ...(title ? [cut(title, width)] : []),
    ...(yLabel ? [cut(`${indent}${yLabel}`, width)] : []),
    ...body,
    `${indent}└${line}`,
    ...(points.length > 0 ? [`${indent} ${labels}`] : [`${indent} no finite points to draw`.slice(0, width)]),
    ...(xLabel ? [centred(cut(xLabel, columns), width, gutter + 1)] : []),
    ...legend(series, canvases, width, options.color),
  ]
    .map((text) => text.trimEnd())
    .join('\n');
}

/** The cell that a dot lies in. */
const cellOf = (x: number, y: number, height: number): Place => ({
  column: Math.floor(x / DOTS_ACROSS),
  row: height - 1 - Math.floor(y / DOTS_DOWN),
});

function drawn(
  line: readonly (readonly [number, number] | null)[],
  x: Axis,
  y: Axis,
  canvas: Canvas,
): Canvas {
  let from: [number, number] | null = null;
  for (const point of line) {
    const to: [number, number] | null = point && [x.position(point[0]), y.position(point[1])];
    if (to) canvas.line(...(from ?? to), ...to);
    from = to;
  }
  return canvas;
}

/** Lays the series over each other: dots of all, and marks where there are several, so that none hides another. */
function compose(
  canvases: readonly Canvas[],
  stops: readonly (readonly Place[] | null)[],
  columns: number,
  rows: number,
): (Cell | null)[][] {
  const grid: (Cell | null)[][] = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const dots = canvases.reduce((sum, canvas) => sum | canvas.at(column, row), 0);
      const top = canvases.findLastIndex((canvas) => canvas.at(column, row) > 0);
      return top < 0 ? null : { text: braille(dots), series: top };
    }),
  );
  if (!haveMarks(canvases)) return grid;
  const isMarked = new Set<Cell | null>();
  for (const [series, canvas] of canvases.entries()) {
    const passes = canvas.passes();
    const offset = Math.round(((series % canvases.length) / canvases.length) * SPACING);
    for (const places of stops[series]?.map((stop) => beside(stop, passes)) ?? spaced(passes, offset)) {
      const free = places.find(({ column, row }) => !isMarked.has(grid[row]![column]!));
      if (!free) continue;
      const mark: Cell = { text: markOf(series), series };
      isMarked.add(mark);
      grid[free.row]![free.column] = mark;
    }
  }
  return grid;
}

/** Where the mark of a point may stand: at it, or next to it on the curve where another has that place. */
const beside = (stop: Place, passes: readonly Place[]): Place[] => [
  stop,
  ...passes.filter(({ column }) => column > stop.column),
  ...passes.filter(({ column }) => column < stop.column).reverse(),
];

/** Marks at equal distances, those of each curve a little further. */
function spaced(passes: readonly Place[], offset: number): Place[][] {
  const first = Math.min(offset, passes.length - 1);
  return passes.flatMap((_, i) => (i >= first && (i - first) % SPACING === 0 ? [passes.slice(i)] : []));
}

/** Several curves have marks, and so has a single point, which would be one small dot. */
function haveMarks(canvases: readonly Canvas[]): boolean {
  return canvases.length > 1 || canvases.some((canvas) => canvas.passes().length === 1);
}

const markOf = (series: number) => MARKS[series % MARKS.length]!;

function paint(cells: readonly (Cell | null)[], color: boolean): string {
  return cells.map((cell) => (cell ? colored(cell.text, cell.series, color) : ' ')).join('');
}

function colored(text: string, series: number, color: boolean): string {
  if (!color) return text;
  const [on, off] = inspect.colors[COLORS[series % COLORS.length]!]!;
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** The names with their marks, wrapped; one series without a name needs none. */
function legend(
  series: readonly Series[],
  canvases: readonly Canvas[],
  width: number,
  color: boolean,
): string[] {
  if (series.every(({ name }) => name === '')) return [];
  const lines: { text: string; columns: number }[] = [];
  for (const [index, { name }] of series.entries()) {
    const isEmpty = canvases[index]!.passes().length === 0;
    const entry = cut(`${name}${isEmpty ? ' (nothing to draw)' : ''}`, width - 4);
    const text = `${colored(haveMarks(canvases) ? markOf(index) : '⠒', index, color)} ${entry}`;
    const columns = displayWidth(entry) + 2;
    const last = lines.at(-1);
    if (last && last.columns + 3 + columns <= width - 2) {
      last.text += `   ${text}`;
      last.columns += 3 + columns;
    } else lines.push({ text, columns });
  }
  return lines.map(({ text }) => `  ${text}`);
}

function centred(text: string, width: number, from: number): string {
  return `${' '.repeat(from + ((width - from - displayWidth(text)) >> 1))}${text}`;
}

/** At most `width` columns of the text, with an ellipsis where it was cut. */
export function cut(text: string, width: number): string {
  const line = printable(text);
  if (displayWidth(line) <= width) return line;
  let kept = '';
  for (const character of line) {
    if (displayWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
