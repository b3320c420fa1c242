import { type Problem, placeOf, positionOf, type Source, type Span } from '../problems/problem.js';
import { listing } from '../problems/text.js';
import type { Assignment, Segment } from './assignment.js';
import { type BlockTree, dotted, type Tree, withEntry } from './tree.js';

export interface Applied {
  readonly tree: BlockTree;
  /** What was dropped from lower layers, in words. */
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Lays the assignments of one layer (the environment, or the command line) over a configuration. Their order
 * does not matter, but that of two for the same key the last one counts. A block whose `type` changes loses
 * the keys that lower layers gave it, as they were meant for the old type.
 *
 * @param base the layers below
 * @param layer assignments of one kind of source
 */
export function applyLayer(base: BlockTree, layer: readonly Assignment[]): Applied {
  const notes: string[] = [];
  const problems: Problem[] = [];
  let tree: Tree = base;
  for (const assignment of inOrder(layer)) {
    const work = new Application(assignment, notes);
    tree = work.assign(tree, 0);
    if (work.problem !== undefined) problems.push(work.problem);
  }
  // The root is only ever changed by an entry, so that it stays a block.
  return { tree: tree.kind === 'block' ? tree : base, notes, problems };
}

/** Whole blocks first, then types, then what is inside: so no assignment undoes another of the same layer. */
function inOrder(layer: readonly Assignment[]): Assignment[] {
  const name = ({ path }: Assignment) => path.map((segment) => segment.name).join('.');
  const last = new Map(layer.map((assignment) => [name(assignment), assignment]));
  const rank = ({ path }: Assignment) => 2 * path.length - (path.at(-1)?.name === 'type' ? 1 : 0);
  return [...last.values()].sort((a, b) => rank(a) - rank(b));
}

/** One assignment on its way down the tree. */
class Application {
  problem: Problem | undefined;

  constructor(
    private readonly assignment: Assignment,
    private readonly notes: string[],
  ) {}

  /** A copy of `tree` with the assignment carried out below it; `depth` counts the segments done. */
  assign(tree: Tree | undefined, depth: number): Tree {
    const segment = this.assignment.path[depth];
    if (segment === undefined) return this.replace(tree);
    if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) {
      const block: BlockTree = { kind: 'block', entries: new Map(), span: segment.span };
      return this.assignKey(block, segment, depth);
    }
    if (tree.kind === 'block') return this.assignKey(tree, segment, depth);
    if (tree.kind === 'list') return this.assignItem(tree.items, tree, segment, depth);
    return this.fail(tree, segment, `\`${this.pathTo(depth)}\` is ${String(tree.value)}, which has no keys`);
  }

  private assignKey(block: BlockTree, { name, span }: Segment, depth: number): Tree {
    const isLast = depth === this.assignment.path.length - 1;
    const kept = isLast && name === 'type' ? this.changeType(block) : block;
    const entry = kept.entries.get(name);
    const value = this.assign(entry?.value, depth + 1);
    return withEntry(kept, name, { key: entry === undefined || isLast ? span : entry.key, value });
  }

  private assignItem(items: readonly Tree[], list: Tree, segment: Segment, depth: number): Tree {
    const item = /^\d+$/.test(segment.name) ? items[Number(segment.name)] : undefined;
    if (item === undefined) {
      const range = items.length === 0 ? 'it is empty' : `its entries are 0 to ${items.length - 1}`;
      const message = `\`${this.pathTo(depth)}\` is a list without an entry \`${segment.name}\`: ${range}`;
      return this.fail(list, segment, message);
    }
    const changed = this.assign(item, depth + 1);
    return { kind: 'list', items: items.with(Number(segment.name), changed), span: list.span };
  }

  /** Puts the value in the place of the old one; a block in the place of a block loses what it does not repeat. */
  private replace(old: Tree | undefined): Tree {
    const { value } = this.assignment;
    if (old?.kind === 'block' && value.kind === 'block') {
      this.note(
        'replaces the block',
        [...old.entries].filter(([key]) => !value.entries.has(key)),
      );
    }
    return value;
  }

  private changeType(block: BlockTree): BlockTree {
    const { value: next, source } = this.assignment;
    const before = block.entries.get('type')?.value;
    if (before?.kind !== 'scalar' || next.kind !== 'scalar' || before.value === next.value) return block;
    const isLower = ([key, { value }]: [string, { value: Tree }]) =>
      key !== 'type' && value.span.source.kind !== source.kind;
    const dropped = [...block.entries].filter(isLower);
    this.note(`changes ${String(before.value)} to ${String(next.value)}`, dropped);
    const names = new Set(dropped.map(([key]) => key));
    return { ...block, entries: new Map([...block.entries].filter(([key]) => !names.has(key))) };
  }

  private note(what: string, dropped: readonly (readonly [string, { readonly value: Tree }])[]): void {
    if (dropped.length === 0) return;
    const { path, source } = this.assignment;
    const isType = path.at(-1)?.name === 'type';
    const block = path.slice(0, isType ? -1 : undefined).map(({ name }) => name);
    const keys = dropped.map(([key, { value }]) => `${dotted([...block, key])} (${writtenAt(value.span)})`);
    this.notes.push(`${source.text} ${what} and drops ${listing(keys)}`);
  }

  private pathTo(depth: number): string {
    return dotted(this.assignment.path.slice(0, depth).map(({ name }) => name));
  }

  private fail(tree: Tree, { span }: Segment, message: string): Tree {
    const path = dotted(this.assignment.path.map(({ name }) => name));
    this.problem = { path, message, help: [], place: placeOf(span) };
    return tree;
  }
}

/** `configs/x.yaml:12`, the name of a variable, or the argument. */
function writtenAt({ source, start }: Span): string {
  return source.kind === 'file'
    ? `${source.file}:${positionOf(source.text, start).line}`
    : sourceName(source);
}

function sourceName(source: Source): string {
  return source.kind === 'env' ? source.variable : source.text;
}
