import type { z } from 'zod';
import type { JsonSchema } from '../json-schema.js';
import { type Place, type Problem, placeOf } from '../problems/problem.js';
import { dotted, type Path, spanAt, type Tree, treeAt } from '../sources/tree.js';
import { describe, schemaAt, valueAt } from './allowed.js';
import { describeValue, hintsFor } from './hints.js';
import { nearest } from './spelling.js';
import { explainUnknownKey } from './unknown-keys.js';

/** Unknown keys of one block beyond these are only named: looking for what each was meant to be takes time. */
const MOST_EXPLAINED = 60;

/** A guess at what was meant. With it carried out, what lies behind the mistake can be checked as well. */
export type Repair =
  | { readonly kind: 'rename'; readonly path: Path; readonly from: string; readonly to: string }
  | { readonly kind: 'replace'; readonly path: Path; readonly value: string };

export interface Finding {
  readonly problem: Problem;
  readonly repair?: Repair;
}

/** What an issue is explained with. */
export interface Context {
  /** The configuration with positions, and as plain data. */
  readonly tree: Tree;
  readonly plain: unknown;
  /** Schema of the whole configuration. */
  readonly schema: JsonSchema;
}

/** Explains one issue of zod's in terms of the configuration as written. */
export function explainIssue(issue: z.core.$ZodIssue, context: Context): Finding[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key, i) => unknownKey(issue.path, key, context, i < MOST_EXPLAINED));
    case 'invalid_union':
      return invalidUnion(issue, context);
    case 'invalid_element':
    case 'invalid_key': {
      const key = issue.code === 'invalid_element' ? [issue.key as PropertyKey] : [];
      return issue.issues.flatMap((inner) => explainIssue(within([...issue.path, ...key], inner), context));
    }
    case 'custom':
      return [{ problem: problemAt(issue.path, issue.message, [], context) }];
    default:
      return [wrongValue(issue.path, context)];
  }
}

/** Where to point for a path: at its value, or at what is nearest above it. */
export function placeAt(tree: Tree, path: Path): Place {
  const span = spanAt(tree, path);
  if (span !== undefined && span.source.kind !== 'default') return placeOf(span);
  // Only the whole file is above: its first line would say nothing.
  const { source, start } = tree.span;
  return { source, span: { source, start, end: start }, frame: false };
}

function problemAt(path: Path, message: string, help: readonly string[], { tree }: Context): Problem {
  return { path: dotted(path), message, help, place: placeAt(tree, path) };
}

function within(path: Path, issue: z.core.$ZodIssue): z.core.$ZodIssue {
  return { ...issue, path: [...path, ...issue.path] };
}

/** Of several alternatives, the one whose outer form fits is the one that was meant. */
function invalidUnion(issue: z.core.$ZodIssueInvalidUnion, context: Context): Finding[] {
  if (issue.discriminator !== undefined) return [wrongValue(issue.path, context)];
  const fitting = issue.errors.filter((errors) => errors.every(({ path }) => path.length > 0));
  const [meant] = fitting;
  if (fitting.length !== 1 || meant === undefined) return [wrongValue(issue.path, context)];
  return meant.flatMap((inner) => explainIssue(within(issue.path, inner), context));
}

function wrongValue(path: Path, context: Context): Finding {
  const { tree, plain, schema: root } = context;
  const schema = schemaAt(root, plain, path) ?? {};
  const expected = describe(schema);
  const found = treeAt(tree, path);
  if (found === undefined) {
    const message = `the key \`${String(path.at(-1))}\` is missing; expected ${expected}`;
    return { problem: problemAt(path, message, [], context) };
  }
  const value = valueAt(plain, path);
  const message = `expected ${expected}; received ${describeValue(value)}`;
  const choices = schema.enum?.filter((choice) => typeof choice === 'string') ?? [];
  const meant = typeof value === 'string' ? nearest(value, choices) : undefined;
  if (meant === undefined) {
    return { problem: problemAt(path, message, hintsFor(schema, value, found), context) };
  }
  const problem = problemAt(path, message, [`did you mean \`${meant}\`?`], context);
  return { problem, repair: { kind: 'replace', path, value: meant } };
}

function unknownKey(path: Path, key: string, context: Context, isExplained: boolean): Finding {
  const { tree, plain, schema } = context;
  const block = treeAt(tree, path);
  const entries = block?.kind === 'block' ? block.entries : undefined;
  const entry = entries?.get(key);
  const place = entry === undefined ? placeAt(tree, path) : placeOf(entry.key);
  const { help, meant } = isExplained
    ? explainUnknownKey(schema, plain, path, key, place)
    : { help: [], meant: undefined };
  const problem = { path: dotted([...path, key]), message: `unknown key \`${key}\``, help, place };
  // What was set from outside under the right name belongs to the file's block under the wrong one.
  const taken = meant === undefined ? undefined : entries?.get(meant);
  const isTaken = taken !== undefined && taken.value.span.source.kind === place.source.kind;
  if (meant === undefined || isTaken) return { problem };
  return { problem, repair: { kind: 'rename', path, from: key, to: meant } };
}
