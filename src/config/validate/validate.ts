import type { z } from 'zod';
import { toJsonSchema } from '../json-schema.js';
import type { Problem } from '../problems/problem.js';
import { type BlockTree, childOf, type Path, type Tree, toPlain, withEntry } from '../sources/tree.js';
import { explainIssue, type Finding, type Repair } from './issues.js';

/** Every pass repairs at least one mistake; the limit only guards against repairs that undo each other. */
const MOST_PASSES = 20;

export type Validated<T> =
  | { readonly data: T; readonly problems: readonly [] }
  | { readonly data: undefined; readonly problems: readonly Problem[] };

/**
 * Validates a configuration and explains everything that is wrong with it. A mistyped key or `type` would hide
 * the block behind it, so once reported it is read as what was probably meant, and the whole validated again.
 *
 * @param schema fills in defaults too
 * @param tree the configuration with positions
 */
export function validate<T>(schema: z.ZodType<T>, tree: BlockTree): Validated<T> {
  const repaired: Problem[] = [];
  let current: Tree = tree;
  for (let pass = 1; ; pass++) {
    const plain = toPlain(current);
    const result = schema.safeParse(plain);
    const issues = result.success ? [] : result.error.issues;
    if (result.success && pass === 1) return { data: result.data, problems: [] };
    const context = { tree: current, plain, schema: toJsonSchema(schema) };
    const findings = issues.flatMap((issue) => explainIssue(issue, context));
    const repairable = pass < MOST_PASSES ? onePerTarget(findings) : [];
    if (repairable.length === 0) {
      const problems = [...repaired, ...findings.map(({ problem }) => problem)];
      return { data: undefined, problems: problems.filter(isFirst) };
    }
    for (const { problem, repair } of repairable) {
      repaired.push(problem);
      current = change(current, repair.path, (found) => carryOut(found, repair));
    }
  }
}

/** zod may find two things wrong with one value, such as its type and its length, that are said in the same words. */
const isFirst = ({ path, message }: Problem, i: number, all: readonly Problem[]): boolean =>
  all.findIndex((other) => other.path === path && other.message === message) === i;

type Repairable = Finding & { readonly repair: Repair };

/** Two misspellings of one key cannot both be renamed: the second stays for the next pass, and is reported then. */
function onePerTarget(findings: readonly Finding[]): Repairable[] {
  const targets = new Set<string>();
  return findings.filter((finding): finding is Repairable => {
    if (finding.repair === undefined) return false;
    const { repair } = finding;
    const target = [...repair.path, repair.kind === 'rename' ? repair.to : ''].join('.');
    if (targets.has(target)) return false;
    targets.add(target);
    return true;
  });
}

function carryOut(found: Tree, repair: Repair): Tree {
  if (repair.kind === 'replace') return { kind: 'scalar', value: repair.value, span: found.span };
  const entry = found.kind === 'block' ? found.entries.get(repair.from) : undefined;
  if (found.kind !== 'block' || entry === undefined) return found;
  const rest = new Map(found.entries);
  rest.delete(repair.from);
  const value = overlay(entry.value, found.entries.get(repair.to)?.value);
  return withEntry({ ...found, entries: rest }, repair.to, { ...entry, value });
}

/** Two blocks as one, in which the keys of `top` win. */
function overlay(base: Tree, top: Tree | undefined): Tree {
  if (top === undefined) return base;
  if (base.kind !== 'block' || top.kind !== 'block') return top;
  return { ...base, entries: new Map([...base.entries, ...top.entries]) };
}

/** A copy of `tree` in which the part at `path` is changed. */
function change(tree: Tree, path: Path, edit: (found: Tree) => Tree): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return edit(tree);
  const child = childOf(tree, key);
  if (child === undefined) return tree;
  const changed = change(child, rest, edit);
  if (tree.kind === 'list') return { ...tree, items: tree.items.with(Number(key), changed) };
  const entry = tree.kind === 'block' ? tree.entries.get(String(key)) : undefined;
  if (tree.kind !== 'block' || entry === undefined) return tree;
  return withEntry(tree, String(key), { ...entry, value: changed });
}
