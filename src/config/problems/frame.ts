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

/** Longer lines are cut to this many characters around the span. */
const WINDOW = 100;
/** How much of a cut line stays in front of the span. */
const LEAD = 40;

/**
 * Quotes the line of a span with one line of context on either side and carets under the span.
 *
 * @param span what to point at; of a span over several lines, the part on its first line
 * @param style colours for line numbers and carets
 * @returns lines without line ends; a source of one line gets no line numbers
 */
export function codeFrame(span: Span, style: ProblemStyle): string[] {
  const { text } = span.source;
  const lines = text.split(/\r?\n/);
  const { line, column } = positionOf(text, span.start);
  const target = lines[line - 1] ?? '';
  const from = column - 1;
  const to = Math.max(from + 1, Math.min(from + (span.end - span.start), target.trimEnd().length));
  const offset = target.length <= WINDOW ? 0 : Math.max(0, from - LEAD);

  const isNumbered = span.source.kind === 'file';
  const digits = String(line + 1).length;
  const gutter = (label: string) => style.dim(isNumbered ? `${label.padStart(digits)} | ` : '');
  const quote = (number: number) =>
    (gutter(String(number)) + cut(lines[number - 1] ?? '', offset, number === line)).trimEnd();

  const lead = printable(target.slice(offset, from));
  const marked = printable(target.slice(from, Math.min(to, offset + WINDOW)));
  const indent = displayWidth(lead) + (offset > 0 ? 1 : 0);
  const carets = style.red('^'.repeat(Math.max(1, displayWidth(marked))));

  const frame = [quote(line), gutter('') + ' '.repeat(indent) + carets];
  if (lines[line - 2]?.trim()) frame.unshift(quote(line - 1));
  if (lines[line]?.trim()) frame.push(quote(line + 1));
  return frame;
}

function cut(line: string, offset: number, isTarget: boolean): string {
  // A context line that ends before the window would be quoted as nothing at all.
  const start = isTarget || line.length > offset ? offset : 0;
  const shown = printable(line.slice(start, start + WINDOW));
  return `${start > 0 ? '…' : ''}${shown}${line.length > start + WINDOW ? '…' : ''}`;
}
