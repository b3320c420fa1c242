/** Control characters and direction overrides: shown as they are, a file could rewrite the terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** A name of more characters tells no more, and a file can have names of megabytes. */
const LONGEST_NAME = 120;

/** `text` fit for one line of a terminal: a tab is two spaces, what cannot be shown is `�`. */
export function printable(text: string): string {
  return text.replaceAll('\t', '  ').replace(UNPRINTABLE, '\ufffd');
}

/** `text` fit for a terminal, in as many lines as it has. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** A name that a file gives to something, fit for a sentence: printable, and cut where it is endless. */
export function printableName(name: string): string {
  return printable(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
}
