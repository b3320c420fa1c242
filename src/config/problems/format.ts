import { printable, printableLines } from '../../base/printable.js';
import { codeFrame, type ProblemStyle } from './frame.js';
import { type Problem, positionOf, type Source } from './problem.js';
import { count, listing, wrap } from './text.js';

const PLAIN: ProblemStyle = {
  bold: (text) => text,
  red: (text) => text,
  cyan: (text) => text,
  dim: (text) => text,
};

/** More than anyone reads; a file of garbage can have a hundred thousand. */
const MOST_SHOWN = 50;
const WIDTH = 100;
/** Columns in front of a code frame. */
const FRAME_INDENT = 4;

const RANK = { file: 0, default: 1, env: 2, argument: 3 } as const;

/**
 * Writes problems for people: each with its position, path, message, help and a code frame, in the order of
 * their positions; then a line that counts them.
 *
 * @param problems at least one
 * @param style colours; plain text when left out
 * @param width columns that there are; default: sentences have 100, code frames what they need. Longer words stay whole
 * @returns lines joined by line feeds, without one at the end
 */
export function formatProblems(
  problems: readonly Problem[],
  style: ProblemStyle = PLAIN,
  width?: number,
): string {
  const sorted = sortProblems(problems);
  const blocks = sorted.slice(0, MOST_SHOWN).map((problem) => formatProblem(problem, style, width));
  if (sorted.length > MOST_SHOWN) blocks.push(`… and ${sorted.length - MOST_SHOWN} more`);
  // What is wrong with a file as a whole is the only problem, and names the file.
  if (sorted.every(isWhole)) return blocks.join('\n\n');
  const total = `${count(sorted.length, 'problem')} ${whereabouts(sorted)}`;
  return [...blocks, style.bold(total)].join('\n\n');
}

/** Problems in reading order: the file's, the environment's, the command line's, each from the front. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const start = ({ place }: Problem) => place.span?.start ?? -1;
  return [...problems].sort((a, b) => compareSources(a.place.source, b.place.source) || start(a) - start(b));
}

function compareSources(a: Source, b: Source): number {
  if (a.kind === 'argument' && b.kind === 'argument') return a.index - b.index;
  if (a.kind === 'env' && b.kind === 'env')
    return a.variable < b.variable ? -1 : Number(a.variable > b.variable);
  return RANK[a.kind] - RANK[b.kind];
}

/** Where a problem is: `configs/x.yaml:3:5`, the name of a variable, or `command line`. */
export function formatPlace({ place }: Problem): string {
  const { source, span } = place;
  if (source.kind !== 'file' || span === undefined) return placeName(source);
  const { line, column } = positionOf(source.text, span.start);
  return `${placeName(source)}:${line}:${column}`;
}

/** `in configs/x.yaml, LOSSNET_SEED and on the command line`. */
function whereabouts(sorted: readonly Problem[]): string {
  const sources = sorted.map(({ place }) => place.source);
  const named = [...new Set(sources.filter(({ kind }) => kind !== 'argument').map(placeName))];
  const places = named.map((name, i) => (i === 0 ? `in ${name}` : name));
  return listing(
    sources.some(({ kind }) => kind === 'argument') ? [...places, 'on the command line'] : places,
  );
}

function placeName(source: Source): string {
  switch (source.kind) {
    case 'file':
      return printable(source.file);
    case 'env':
      return printable(source.variable);
    case 'argument':
      return 'command line';
    case 'default':
      return 'the defaults';
  }
}

const isWhole = ({ place, path }: Problem) => place.span === undefined && path === '';

function formatProblem(problem: Problem, style: ProblemStyle, width: number | undefined): string {
  const { place, path, details } = problem;
  const message = paragraph(problem.message, '', '', width ?? WIDTH);
  const help = problem.help.flatMap((line) => paragraph(line, '→ ', '  ', width ?? WIDTH));
  if (isWhole(problem)) return [style.bold(message.join('\n')), ...help.map(indent)].join('\n');
  const lines = [style.bold(formatPlace(problem)) + (path === '' ? '' : `  ${style.cyan(printable(path))}`)];
  lines.push(...[...message, ...help].map(indent));
  if (place.span !== undefined && place.frame !== false) {
    lines.push(
      '',
      ...codeFrame(place.span, style, width && width - FRAME_INDENT).map(
        (line) => `${' '.repeat(FRAME_INDENT)}${line}`,
      ),
    );
  }
  if (details !== undefined) lines.push('', printableLines(details).replace(/^/gm, '    '));
  return lines.join('\n');
}

const indent = (line: string) => `  ${line}`;

/** Text in lines of bearable length, the first after `first`, the others after `rest`. */
function paragraph(text: string, first: string, rest: string, width: number): string[] {
  const lines = text.split('\n').flatMap((line) => wrap(printable(line), width - 2 - first.length));
  return lines.map((line, i) => (i === 0 ? first : rest) + line);
}
