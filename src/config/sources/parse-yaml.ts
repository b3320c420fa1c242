import { Composer, type CST, type Document, Parser, type YAMLParseError } from 'yaml';
import { type Problem, placeOf, type Source } from '../problems/problem.js';
import { convertYaml } from './convert-yaml.js';
import { dotted, type Path, type Tree } from './tree.js';
import { explainYamlError } from './yaml-errors.js';

/** Composing is recursive, and an overflow of the stack can end the process. */
const DEEPEST = 100;
/** With more errors than these, a text is no YAML at all: looking for what each comes from would only take time. */
const MOST_EXPLAINED = 50;

export interface Parsed {
  /** The one document, with positions; undefined when it cannot be made out. */
  readonly tree: Tree | undefined;
  /** Faults of the YAML itself. With a tree, they did not keep the rest from being read. */
  readonly problems: readonly Problem[];
}

/**
 * Parses YAML 1.2 (core schema; merge keys are understood) into a tree with positions.
 *
 * @param source the text; problems and spans refer to it
 * @param path where the value belongs, for the problems
 * @param from where in the source's text the YAML starts; an empty rest is null
 */
export function parseYaml(source: Source, path: Path = [], from = 0): Parsed {
  const text = source.text.slice(from);
  const at = (start: number, end: number) => ({ source, start: start + from, end: end + from });
  const problemAt = (start: number, end: number, message: string, help: readonly string[] = []): Problem => ({
    path: dotted(path),
    message,
    help,
    place: placeOf(at(start, end)),
  });

  const tokens = [...new Parser().parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) {
    const message = `nested more than ${DEEPEST} levels deep`;
    return { tree: undefined, problems: [problemAt(deep, deep + 1, message)] };
  }

  // Each alias is unfolded by `convert`, which counts; the same goes for keys that are there twice: the
  // parser's own check takes quadratic time.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    resolveKnownTags: false,
    logLevel: 'silent',
  });
  const documents = [...composer.compose(tokens, true, text.length)];
  const first: Document.Parsed | undefined = documents[0];
  if (first === undefined) throw new Error('the parser returned no document');

  const errors = onePerLine(
    documents.flatMap(({ errors }) => errors),
    text,
  );
  const opened = errors.length > MOST_EXPLAINED ? [] : unclosedOffsets(tokens);
  const problems = errors.map((error) => {
    const { message, help, pos } = explainYamlError(error, text, opened);
    return problemAt(...pos, message, help);
  });
  const second = tokens.filter((token) => token.type === 'document' && token.value)[1];
  if (second !== undefined) {
    problems.push(
      problemAt(second.offset, second.offset + 3, 'a second YAML document starts here', [
        'a configuration is one document: remove the line or the rest of the file',
      ]),
    );
  }
  const unresolved = first.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED');
  const tags = unresolved.map(({ pos: [start, end] }) =>
    problemAt(start, end, `tags such as \`${text.slice(start, end)}\` are not allowed`, ['remove the tag']),
  );
  if (problems.length > 0) return { tree: undefined, problems: [...problems, ...tags] };

  if (first.contents === null) {
    return { tree: { kind: 'scalar', value: null, span: at(0, 0) }, problems: tags };
  }
  const { tree, problems: found } = convertYaml(first.contents, at, path);
  return { tree, problems: [...tags, ...found] };
}

/** The offset of the first token found below `DEEPEST` levels. */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  for (const { token, depth } of walk(tokens)) if (depth > DEEPEST) return token.offset;
  return undefined;
}

/** One slip makes the parser stumble several times over the same line: the first error tells the most. */
function onePerLine(errors: readonly YAMLParseError[], text: string): YAMLParseError[] {
  const kept: YAMLParseError[] = [];
  let lineEnd = -1;
  for (const error of [...errors].sort((a, b) => a.pos[0] - b.pos[0])) {
    if (error.pos[0] <= lineEnd) continue;
    kept.push(error);
    const end = text.indexOf('\n', error.pos[0]);
    lineEnd = end === -1 ? text.length : end;
  }
  return kept;
}

/** Every token with its depth, keys and values alike. Has a stack of its own, which cannot overflow. */
function* walk(tokens: readonly CST.Token[]): Generator<{ token: CST.Token; depth: number }> {
  const stack = tokens.map((token) => ({ token, depth: 0 }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    yield top;
    const { token, depth } = top;
    const children: (CST.Token | null | undefined)[] = [];
    if (token.type === 'document') children.push(token.value);
    if ('items' in token) for (const { key, value } of token.items) children.push(key, value);
    for (const child of children) if (child) stack.push({ token: child, depth: depth + 1 });
  }
}

/** Offsets of the quotes and brackets that are never closed. */
function unclosedOffsets(tokens: readonly CST.Token[]): number[] {
  const offsets: number[] = [];
  for (const { token } of walk(tokens)) if (isUnclosed(token)) offsets.push(token.offset);
  return offsets;
}

function isUnclosed(token: CST.Token): boolean {
  switch (token.type) {
    case 'double-quoted-scalar':
    case 'single-quoted-scalar':
      return token.source.length < 2 || token.source.at(-1) !== token.source[0];
    case 'flow-collection':
      return !token.end.some(({ type }) => type === 'flow-map-end' || type === 'flow-seq-end');
    default:
      return false;
  }
}
