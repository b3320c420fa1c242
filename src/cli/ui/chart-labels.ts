import type { Axis, Tick } from './axis.js';
import { DOTS_ACROSS, DOTS_DOWN } from './canvas.js';

/** So many more labels are asked for where there is room for one alone, which says nothing of the scale. */
const TICK_TRIES = 8;

/**
 * The labels of the vertical axis by row, those that come first where two share a row or touch; at equal distances, on an axis that
 * has them, as far as there are such with two labels at least.
 */
export function rowsOf(axis: Axis, height: number, isAny: boolean, isEven: boolean): Map<number, string> {
  if (!isAny) return new Map();
  const usual = Math.max(2, Math.round(height / 3));
  const fewer = Array.from({ length: usual - 2 }, (_, i) => usual - 1 - i);
  const more = Array.from({ length: TICK_TRIES }, (_, i) => usual + 1 + i);
  const tried = [usual, ...fewer, ...more].map((count) => {
    const ticks = axis.ticks(count, false);
    const rows = rowsWith(ticks, axis, height);
    return { rows, isWhole: rows.size === ticks.length };
  });
  const several = tried.filter(({ rows }) => rows.size > 1);
  return ((isEven && several.find(({ isWhole }) => isWhole)) || several[0] || tried[0]!).rows;
}

function rowsWith(ticks: readonly Tick[], axis: Axis, height: number): Map<number, string> {
  const rows = new Map<number, string>();
  for (const { value, label } of ticks) {
    const row = height - 1 - Math.floor(axis.position(value) / DOTS_DOWN);
    if (row >= 0 && row < height && !rows.has(row) && !rows.has(row - 1) && !rows.has(row + 1)) {
      rows.set(row, label);
    }
  }
  return rows;
}

/** The axis with its ticks, and the labels below it: as many as fit side by side. */
export function xAxis(ticks: readonly Tick[], axis: Axis, columns: number): [string, string] {
  const line = Array<string>(columns).fill('─');
  const labels = Array<string>(columns).fill(' ');
  for (const { value, label } of ticks) {
    const column = Math.floor(axis.position(value) / DOTS_ACROSS);
    if (column < 0 || column >= columns) continue;
    const start = Math.min(Math.max(0, column - (label.length >> 1)), columns - label.length);
    const room = labels.slice(Math.max(0, start - 1), start + label.length + 1);
    if (start < 0 || room.some((character) => character !== ' ')) continue;
    line[column] = '┬';
    labels.splice(start, label.length, ...label);
  }
  return [line.join(''), labels.join('')];
}
