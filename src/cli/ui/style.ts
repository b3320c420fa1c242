import { styleText } from 'node:util';

/** Colours for one stream; all functions give their text back as it is where colours are not wanted. */
export interface Style {
  /** Whether there are colours at all. */
  readonly colored: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  cyan(text: string): string;
}

/** Whether a terminal understands no control codes, or does not say which. */
export function isDumb({ TERM }: NodeJS.ProcessEnv): boolean {
  return TERM === 'dumb' || (!TERM && process.platform !== 'win32');
}

/**
 * @param stream where the text goes: colours only on a terminal
 * @param env the environment: none when NO_COLOR is set (https://no-color.org), nor when TERM is dumb
 * @returns the style
 */
export function styleFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Style {
  const colored = stream.isTTY === true && !env.NO_COLOR && !isDumb(env);
  const apply = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    colored ? styleText(format, text) : text;
  return {
    colored,
    bold: apply('bold'),
    dim: apply('dim'),
    red: apply('red'),
    yellow: apply('yellow'),
    green: apply('green'),
    cyan: apply('cyan'),
  };
}

/** Columns beyond which a line is hard to read. */
const WIDEST = 100;
/** Where nobody says how wide it is, as in a pipe, or on a terminal that claims to have no columns. */
const USUAL = 80;

/** How many columns text and charts may take on a stream. */
export function textWidth({ columns }: { readonly columns?: number }): number {
  return Math.min(columns || USUAL, WIDEST);
}
