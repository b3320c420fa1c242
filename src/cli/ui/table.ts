import { displayWidth } from '../../config/problems/text.js';
import { cut } from './chart.js';

/** Shorter names say nothing. */
const LEAST_SHRUNK = 12;

/** Headings and rows, to be written as text or as Markdown. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Headings of columns of words, which stand to the left; figures stand to the right. */
  readonly texts: readonly string[];
  /** Headings of what is left out where there is no room, the last first; default: nothing. */
  readonly expendable?: RegExp;
  /** Heading of a column whose texts are cut where that is not enough; default: the table is wider then. */
  readonly shrinkable?: string;
}

/**
 * @param table what is written
 * @param bold how the headings are made bold
 * @param width columns that there are; only with what may not be left out is the table wider
 * @returns lines, with columns two blanks apart
 */
export function textTable(table: Table, bold: (text: string) => string, width: number): string[] {
  return lay(fittingTable(table, width), bold);
}

/**
 * @param table what is written
 * @param width columns that there are
 * @returns the table without what is left out where that is too little room
 */
export function fittingTable(table: Table, width: number): Table {
  const { head, rows, expendable } = table;
  const last = expendable ? head.findLastIndex((title) => expendable.test(title)) : -1;
  const excess = tableWidth(table) - width;
  if (excess <= 0) return table;
  if (last < 0) return shrunk(table, excess);
  const without = (cells: readonly string[]) => cells.filter((_, i) => i !== last);
  return fittingTable({ ...table, head: without(head), rows: rows.map(without) }, width);
}

/** Columns that a table takes as it is. */
export function tableWidth(table: Table): number {
  return Math.max(...lay(table, (text) => text).map(displayWidth));
}

/** With the texts of a column cut by so many columns, as far as they can still be told apart. */
function shrunk(table: Table, excess: number): Table {
  const { head, rows, shrinkable = '' } = table;
  const at = shrinkable === '' ? -1 : head.indexOf(shrinkable);
  if (at < 0) return table;
  const widest = Math.max(...rows.map((row) => displayWidth(row[at]!)));
  const room = Math.max(widest - excess, LEAST_SHRUNK);
  return { ...table, rows: rows.map((row) => row.map((text, i) => (i === at ? cut(text, room) : text))) };
}

function lay({ head, rows, texts }: Table, bold: (text: string) => string): string[] {
  const widths = head.map((title, i) =>
    Math.max(...[title, ...rows.map((row) => row[i] ?? '')].map(displayWidth)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((text, i) => {
        const blanks = ' '.repeat(widths[i]! - displayWidth(text));
        return texts.includes(head[i]!) ? text + blanks : blanks + text;
      })
      .join('  ')
      .trimEnd();
  return [bold(line(head)), ...rows.map(line)];
}

/** The same as lines of Markdown. */
export function markdownTable({ head, rows, texts }: Table): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((title) => (texts.includes(title) ? '---' : '--:'))), ...rows.map(line)];
}
