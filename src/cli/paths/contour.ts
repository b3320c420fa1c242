import { inspect } from 'node:util';
import { levelsOf } from '../../runs/pictures/levels.js';
import type { Point, View } from '../../train/paths/surfaces.js';
import { axisFor, type Tick } from '../ui/axis.js';
import { braille, Canvas, DOTS_ACROSS, DOTS_DOWN } from '../ui/canvas.js';
import { COLORS, MARKS } from '../ui/chart.js';

/** A line over the surface. */
export interface Trail {
  readonly name: string;
  readonly paths: readonly (readonly Point[])[];
}

export interface ContourOptions {
  /** Columns of the whole chart. */
  readonly width: number;
  /** Lines of the area that is drawn in. */
  readonly height: number;
  readonly color: boolean;
}

/** What the picture shows. */
export interface Ground {
  readonly view: View;
  readonly minima: readonly Point[];
  readonly starts: readonly Point[];
  value(x: number, y: number): number;
}

const LINES = 5;
/** A mark each so many cells of a path. */
const SPACING = 9;
const START = '+';
const GOAL = '×';

interface Cell {
  readonly text: string;
  /** Which line; -1: the ground. */
  readonly line: number;
}

/**
 * Draws paths over the contour lines of a surface: lines of braille dots, with a mark of its own on each of several, so that they
 * are told apart without colour; contours as points.
 *
 * @param ground the surface, where it is lowest, and where paths begin
 * @param trails the paths
 * @param options size, and whether there is colour
 * @returns lines joined by \n, none wider than `width`, with axes and a legend
 */
export function contourChart(ground: Ground, trails: readonly Trail[], options: ContourOptions): string {
  const { width, height, color } = options;
  const { view } = ground;
  const y = axisFor(view.y, 'linear', height * DOTS_DOWN, false);
  const yTicks = new Map(
    y.ticks(5, false).map(({ value, label }) => [rowOf(y.position(value), height), label]),
  );
  const gutter = Math.max(...[...yTicks.values()].map((label) => label.length));
  const columns = width - gutter - 1;
  const x = axisFor(view.x, 'linear', columns * DOTS_ACROSS, false);
  const place = ([px, py]: Point) => [x.position(px), y.position(py)] as const;
  const cellAt = (point: Point) => {
    const [px, py] = place(point);
    return { column: Math.floor(px / DOTS_ACROSS), row: rowOf(py, height) };
  };

  const grid = contours(ground, columns, height);
  const put = (point: Point, text: string, line: number) => {
    const { column, row } = cellAt(point);
    if (grid[row]?.[column] !== undefined) grid[row][column] = { text, line };
  };
  for (const [line, { paths }] of trails.entries()) {
    const canvas = new Canvas(columns, height);
    for (const path of paths) draw(canvas, path.map(place));
    lay(grid, canvas, line);
  }
  for (const [line, { paths }] of trails.entries()) {
    for (const path of paths) for (const point of marked(path, line, cellAt)) put(point, markOf(line), line);
  }
  for (const point of ground.minima) put(point, GOAL, -2);
  for (const point of ground.starts) put(point, START, -2);

  const body = grid.map((cells, row) => {
    const label = yTicks.get(row);
    return `${(label ?? '').padStart(gutter)}${label === undefined ? '│' : '┤'}${paint(cells, color)}`;
  });
  const indent = ' '.repeat(gutter);
  const [rule, labels] = below(
    x.ticks(Math.round(columns / 12), false),
    (value) => x.position(value),
    columns,
  );
  return [...body, `${indent}└${rule}`, `${indent} ${labels}`, ...legend(trails, width, color)]
    .map((text) => text.trimEnd())
    .join('\n');
}

const rowOf = (dot: number, height: number) => height - 1 - Math.floor(dot / DOTS_DOWN);
const markOf = (line: number) => MARKS[line % MARKS.length]!;

/** A point wherever the surface crosses a height within a cell. */
function contours({ view, value }: Ground, columns: number, height: number): Cell[][] {
  const at = (column: number, row: number) =>
    value(
      view.x[0] + ((view.x[1] - view.x[0]) * column) / columns,
      view.y[1] - ((view.y[1] - view.y[0]) * row) / height,
    );
  const corners = Array.from({ length: height + 1 }, (_, row) =>
    Array.from({ length: columns + 1 }, (_, column) => at(column, row)),
  );
  const levels = levelsOf(corners.flat(), LINES);
  const band = (height: number) => levels.filter((level) => height >= level).length;
  const bands = corners.map((row) => row.map(band));
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: columns }, (_, column): Cell => {
      const around = [bands[row]![column]!, bands[row]![column + 1]!, bands[row + 1]![column]!];
      return { text: Math.max(...around) > Math.min(...around) ? '·' : ' ', line: -1 };
    }),
  );
}

/** What is outside is left out: a line to it would end at the edge at a place where nothing was. */
function draw(canvas: Canvas, path: readonly (readonly [number, number])[]): void {
  const limit = 4 * (canvas.columns * DOTS_ACROSS + canvas.rows * DOTS_DOWN);
  const isNear = ([x, y]: readonly [number, number]) => Math.abs(x) < limit && Math.abs(y) < limit;
  for (const [i, to] of path.entries()) {
    const from = path[i - 1] ?? to;
    if (isNear(from) && isNear(to)) canvas.line(...from, ...to);
  }
}

function lay(grid: Cell[][], canvas: Canvas, line: number): void {
  for (const [row, cells] of grid.entries()) {
    for (const [column, under] of cells.entries()) {
      const dots = canvas.at(column, row);
      if (dots === 0) continue;
      const before = under.line >= 0 ? under.text.codePointAt(0)! - 0x2800 : 0;
      cells[column] = { text: braille(before | dots), line };
    }
  }
}

/** The points that get a mark: some cells apart, each line beginning elsewhere; the last in any case. */
function marked(
  path: readonly Point[],
  line: number,
  cellAt: (point: Point) => { readonly column: number; readonly row: number },
): Point[] {
  const found: Point[] = [];
  let gone = -line * 2;
  let before = cellAt(path[0]!);
  for (const point of path) {
    const cell = cellAt(point);
    gone += Math.hypot(cell.column - before.column, 2 * (cell.row - before.row));
    before = cell;
    if (gone < SPACING) continue;
    found.push(point);
    gone = 0;
  }
  return [...found, path.at(-1)!];
}

function paint(cells: readonly Cell[], color: boolean): string {
  return cells
    .map(({ text, line }) => {
      if (!color || text === ' ') return text;
      const style = line >= 0 ? COLORS[line % COLORS.length]! : line === -1 ? 'dim' : 'bold';
      return styled(text, style);
    })
    .join('');
}

function styled(text: string, style: (typeof COLORS)[number] | 'dim' | 'bold'): string {
  const [on, off] = inspect.colors[style]!;
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

function below(
  ticks: readonly Tick[],
  position: (value: number) => number,
  columns: number,
): [string, string] {
  const rule = Array<string>(columns).fill('─');
  const labels = Array<string>(columns).fill(' ');
  for (const { value, label } of ticks) {
    const column = Math.floor(position(value) / DOTS_ACROSS);
    const start = Math.min(Math.max(0, column - (label.length >> 1)), columns - label.length);
    if (labels.slice(Math.max(0, start - 1), start + label.length + 1).some((character) => character !== ' '))
      continue;
    rule[column] = '┬';
    labels.splice(start, label.length, ...label);
  }
  return [rule.join(''), labels.join('')];
}

function legend(trails: readonly Trail[], width: number, color: boolean): string[] {
  const entries = [
    { plain: `${START} start`, text: `${START} start` },
    { plain: `${GOAL} lowest`, text: `${GOAL} lowest` },
    ...trails.map(({ name }, line) => {
      const mark = color ? styled(markOf(line), COLORS[line % COLORS.length]!) : markOf(line);
      return { plain: `${markOf(line)} ${name}`, text: `${mark} ${name}` };
    }),
  ];
  const lines: { text: string; columns: number }[] = [];
  for (const { plain, text } of entries) {
    const last = lines.at(-1);
    if (last && last.columns + 3 + plain.length <= width - 2) {
      last.text += `   ${text}`;
      last.columns += 3 + plain.length;
    } else lines.push({ text: `  ${text}`, columns: plain.length });
  }
  return lines.map(({ text }) => text);
}
