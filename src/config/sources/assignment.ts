import { type Problem, placeOf, type Source, type Span } from '../problems/problem.js';
import { parseYaml } from './parse-yaml.js';
import type { Tree } from './tree.js';

/** One key set to one value, from the environment or the command line. */
export interface Assignment {
  readonly source: Source;
  readonly path: readonly Segment[];
  readonly value: Tree;
}

/** One key or index of a path, and where it was written. */
export interface Segment {
  readonly name: string;
  readonly span: Span;
}

export interface Assignments {
  readonly assignments: readonly Assignment[];
  readonly problems: readonly Problem[];
}

/**
 * Reads arguments such as `optimizer.lr=0.1` or `model.0.out_channels=16`: split at the first `=`, the value
 * parsed as YAML, where no value is null.
 */
export function parseOverrides(overrides: readonly string[]): Assignments {
  const parsed = overrides.map((text, index) => parseOverride(text, index));
  return {
    assignments: parsed.flatMap(({ assignments }) => assignments),
    problems: parsed.flatMap(({ problems }) => problems),
  };
}

function parseOverride(text: string, index: number): Assignments {
  const source: Source = { kind: 'argument', text, index };
  const fail = (start: number, end: number, message: string, help: readonly string[]): Assignments => ({
    assignments: [],
    problems: [{ path: '', message, help, place: placeOf({ source, start, end }) }],
  });

  const equals = text.indexOf('=');
  if (equals === -1) {
    const colon = /^([\w.]+):\s*(.*)$/s.exec(text);
    const meant = colon ? `did you mean \`${colon[1]}=${colon[2]}\`?` : 'for example `optimizer.lr=0.1`';
    return fail(0, text.length, `expected key=value; received \`${text}\``, [meant]);
  }
  const key = text.slice(0, equals);
  const path = splitKey(source, key);
  if (path.some(({ name }) => !/^\w+$/.test(name))) {
    return fail(
      0,
      Math.max(equals, 1),
      `\`${key}\` is not the path of a key`,
      keyHint(key, text.slice(equals)),
    );
  }
  return parseAssignment(source, path, equals + 1);
}

/** Parses the value of an assignment, which starts at `from` in the text of its source. */
export function parseAssignment(source: Source, path: readonly Segment[], from: number): Assignments {
  const names = path.map(({ name }) => name);
  const { tree, problems } = parseYaml(source, names, from);
  return { assignments: tree === undefined ? [] : [{ source, path, value: tree }], problems };
}

function splitKey(source: Source, key: string): Segment[] {
  let start = 0;
  return key.split('.').map((name) => {
    const span = { source, start, end: start + name.length };
    start = span.end + 1;
    return { name, span };
  });
}

function keyHint(key: string, rest: string): string[] {
  const tidy = key
    .trim()
    .replace(/^-+/, '')
    .replace(/\[(\w+)\]/g, '.$1')
    .replace(/(?<=\w)-(?=\w)/g, '_');
  const isPath = /^\w+(\.\w+)*$/.test(tidy) && tidy !== key;
  return [isPath ? `did you mean \`${tidy}${rest}\`?` : 'for example `optimizer.lr=0.1`'];
}
