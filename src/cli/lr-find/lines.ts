import { displayWidth, wrap } from '../../config/problems/text.js';
import type { Io } from '../io.js';
import { textWidth } from '../ui/style.js';

/** A text with what it is in front, in lines that fit. */
export function labelled(
  label: string,
  text: string,
  indent: number,
  width: number,
  dim: (text: string) => string,
): string[] {
  return wrap(text, width - indent).map((line, i) =>
    i === 0 && label !== '' ? `${dim(label.padEnd(indent - 1))} ${line}` : ' '.repeat(indent) + line,
  );
}

/** Prints a text in lines that fit. */
export function printWrapped(io: Io, text: string): void {
  for (const line of wrap(text, textWidth(io.stdout))) io.print(line);
}

/** A command in lines that fit, and that a shell takes as one. */
export function commandLines(label: string, words: readonly string[], width: number): string[] {
  const lines = [label + words[0]];
  for (const word of words.slice(1)) {
    const last = lines.at(-1)!;
    // The next one may need room for the sign that the line goes on.
    if (displayWidth(last) + 1 + displayWidth(word) <= width - 2) lines[lines.length - 1] = `${last} ${word}`;
    else {
      lines[lines.length - 1] = `${last} \\`;
      lines.push(' '.repeat(label.length) + word);
    }
  }
  return lines;
}
