/** Control characters and direction overrides: shown as they are, a file could rewrite the terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** A line end, or a change of colour. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const STYLE = /(\n|\u001b\[[\d;]*m)/;
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

/** Text that is dressed up already: its line ends and colours stay, all else that steers a terminal goes. */
export function printableStyled(text: string): string {
  return text
    .split(STYLE)
    .map((part, i) => (i % 2 === 0 ? printable(part) : part))
    .join('');
}

/** A value as one line of JSON that can be shown on a terminal: what could steer it is escaped. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A word of a command as a shell takes it: in quotes where it holds what a shell would read otherwise. */
export function shellWord(text: string): string {
  return /^[\w.,=:/+@%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
