import { printable } from '../../base/printable.js';
import type { Span } from './problem.js';
import { positionOf } from './problem.js';
import { displayWidth } from './text.js';

/** How parts of a report are dressed up. Each function gets plain text and must not change its width. */
export interface ProblemStyle {
  bold(text: string): string;
  red(text: string): string;
  cyan(text: string): string;
  dim(text: string): string;
}

/** Longer lines are cut to this many characters around the span; to less where there are less columns. */
const MOST_WINDOW = 100;
const LEAST_WINDOW = 20;
/** What share of a cut line stays in front of the span. */
const LEAD = 0.4;

/**
 * Quotes the line of a span with one line of context on either side and carets under the span.
 *
 * @param span what to point at; of a span over several lines, the part on its first line
 * @param style colours for line numbers and carets
 * @param width columns that there are; default: as many as are needed
 * @returns lines without line ends; a source of one line gets no line numbers
 */
export function codeFrame(span: Span, style: ProblemStyle, width = Number.POSITIVE_INFINITY): string[] {
  const { text } = span.source;
  const lines = text.split(/\r?\n/);
  const { line, column } = positionOf(text, span.start);
  const target = lines[line - 1] ?? '';
  const from = column - 1;
  const to = Math.max(from + 1, Math.min(from + (span.end - span.start), target.trimEnd().length));

  const isNumbered = span.source.kind === 'file';
  const digits = String(line + 1).length;
  // Beside the window stand the line's number and an ellipsis at both ends.
  const beside = (isNumbered ? digits + 3 : 0) + 2;
  const window = Math.max(LEAST_WINDOW, Math.min(MOST_WINDOW, width - beside));
  const offset = target.length <= window ? 0 : Math.max(0, from - Math.round(LEAD * window));
  const gutter = (label: string) => style.dim(isNumbered ? `${label.padStart(digits)} | ` : '');
  const quote = (number: number) =>
    (gutter(String(number)) + cut(lines[number - 1] ?? '', offset, window, number === line)).trimEnd();

  const lead = printable(target.slice(offset, from));
  const marked = printable(target.slice(from, Math.min(to, offset + window)));
  const indent = displayWidth(lead) + (offset > 0 ? 1 : 0);
  const carets = style.red('^'.repeat(Math.max(1, displayWidth(marked))));

  const frame = [quote(line), gutter('') + ' '.repeat(indent) + carets];
  if (lines[line - 2]?.trim()) frame.unshift(quote(line - 1));
  if (lines[line]?.trim()) frame.push(quote(line + 1));
  return frame;
}

function cut(line: string, offset: number, window: number, isTarget: boolean): string {
  // A context line that ends before the window would be quoted as nothing at all.
  const start = isTarget || line.length > offset ? offset : 0;
  const shown = printable(line.slice(start, start + window));
  return `${start > 0 ? '…' : ''}${shown}${line.length > start + window ? '…' : ''}`;
}
