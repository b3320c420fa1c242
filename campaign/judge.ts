import { EXIT } from '../src/cli/exit-codes.js';
import type { Outcome } from './program.js';
import type { Failure } from './trial.js';

const DOCUMENTED: ReadonlySet<number> = new Set(Object.values(EXIT));
/** Those that mean that nothing came of it. */
const ERRORS: ReadonlySet<number> = new Set([EXIT.failed, EXIT.usage]);
const STACK = /^ +at .*(?:file:|node:|\/)\S*:\d+:\d+\)?$/m;
const DEFECT = /this is a defect of lossnet/;
/** What a value that nobody thought of looks like in a text. */
const CARELESS = ['undefined', 'NaN', '[object Object]'];
/** Where it is what was found. */
const DIVERGED = /\bloss (?:is )?NaN\b/g;
/** Control characters and direction overrides, which could rewrite a terminal; line feeds end lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const LONGEST_SHOWN = 1500;

/** What is known of an outcome beforehand. */
export interface Expected {
  /** Signals that may end it. */
  readonly signals?: readonly NodeJS.Signals[];
  /** All that it was given: its texts may quote that. */
  readonly input?: string;
}

/**
 * Holds what a program did and said against what any program of lossnet's may do and say.
 *
 * @param outcome how it ended
 * @param expected what is known beforehand
 * @returns what is wrong
 */
export function verdictOf(outcome: Outcome, { signals = [], input = '' }: Expected = {}): Failure[] {
  const { code, signal, stdout, stderr } = outcome;
  const text = `${stdout}\n${stderr}`;
  const failures: string[] = [];
  if (outcome.hangs) failures.push('hangs');
  else if (signal !== null && !signals.includes(signal)) failures.push(`ended by ${signal}`);
  else if (signal === null && !DOCUMENTED.has(code!)) failures.push(`exit code ${code}`);
  else if (ERRORS.has(code!) && !/\S/.test(stderr) && !/error|failed/.test(stdout))
    failures.push('fails without a word');
  const stack = DEFECT.exec(text) ?? STACK.exec(text);
  if (stack) failures.push(`a stack trace: ${originOf(text)}`);
  else failures.push(...wordsOf(text, input));
  return failures.map((what) => ({ what, detail: describe(outcome) }));
}

/** What a text should never say. @param input what it may quote */
export function wordsOf(text: string, input: string): string[] {
  const given = input.toLowerCase();
  const said = text.replace(DIVERGED, '');
  const words = CARELESS.filter((word) => said.includes(word) && !given.includes(word.toLowerCase()));
  const [raw] = text.match(RAW) ?? [];
  return [
    ...words.map((word) => `says "${word}"`),
    ...(raw === undefined ? [] : [`prints ${escaped(raw)} raw`]),
  ];
}

/** The error and the first line of the project's own that it came from. */
function originOf(text: string): string {
  const error = /^ *(?:\w*Error\b|\[?E[A-Z]+:).*$/m.exec(text)?.[0].trim() ?? '';
  const place = /(?:dist|src)\/[^\s:)]+:\d+/.exec(text)?.[0] ?? 'unknown';
  return `${error.replace(/(['"`]).*?\1|\d+|(?<= )\/\S+/g, '…').slice(0, 80)} at ${place}`;
}

/** What was run, and what it said. */
export function describe({ command, code, signal, hangs, stdout, stderr }: Outcome): string {
  const end = hangs ? 'did not end' : signal === null ? `exit code ${code}` : `ended by ${signal}`;
  return [command, `  ${end}`, ...quote('stdout', stdout), ...quote('stderr', stderr)].join('\n');
}

function quote(name: string, text: string): string[] {
  if (text.trim() === '') return [];
  const isLong = text.length > LONGEST_SHOWN;
  const shown = isLong ? `${text.slice(0, LONGEST_SHOWN / 2)}\n…\n${text.slice(-LONGEST_SHOWN / 2)}` : text;
  const lines = shown.trimEnd().split('\n');
  return [`  ${name}:`, ...lines.map((line) => `    ${line.replace(RAW, escaped)}`)];
}

const escaped = (character: string): string =>
  `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
