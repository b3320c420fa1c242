import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../../config/problems/text.js';

/** Narrower terminals are left to break lines where they like. */
const NARROWEST = 20;
/** A blank where a line may be broken: not between a figure and its unit. */
const BREAK = / (?!(?<=\d )(?:%|[µm]?s|min|h|[kMGT]?B)(?!\w))/;

/** Columns that dressed text takes: its colours take none. */
export const columnsOf = (text: string): number => displayWidth(stripVTControlCharacters(text));

/**
 * Breaks lines between words where a terminal would break them within one. In a pipe or a file a line stays whole.
 *
 * @param text one line or several, with colours or without
 * @param stream where it goes
 * @param hang columns by which what is broken off stands further in than its line begins; default 2
 * @returns the text; a word that is wider than the terminal stays whole
 */
export function fitted(
  text: string,
  { isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number },
  hang = 2,
): string {
  if (isTTY !== true || !columns || columns < NARROWEST) return text;
  return text
    .split('\n')
    .flatMap((line) => broken(line, columns, hang))
    .join('\n');
}

function broken(line: string, columns: number, hang: number): string[] {
  if (columnsOf(line) <= columns) return [line];
  const [own = ''] = /^ */.exec(line)!;
  const indent = ' '.repeat(Math.min(own.length + hang, columns - NARROWEST / 2));
  const lines: string[] = [];
  let last = own;
  let isEmpty = true;
  for (const word of line.slice(own.length).split(BREAK)) {
    const longer = isEmpty ? `${last}${word}` : `${last} ${word}`;
    if (isEmpty || columnsOf(longer) <= columns) {
      last = longer;
      // Blanks between two columns are none at the beginning of a line.
      isEmpty &&= word === '';
      continue;
    }
    lines.push(last.trimEnd());
    last = `${indent}${word}`;
    isEmpty = word === '';
  }
  return [...lines, last];
}
