import type { Span } from '../problems/problem.js';

/** A configuration value that remembers where each part of it was written. Trees are never changed, only copied. */
export type Tree = ScalarTree | ListTree | BlockTree;

export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly span: Span;
}

export interface ListTree {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  readonly span: Span;
}

export interface BlockTree {
  readonly kind: 'block';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
}

/** A key with its value; `key` is where the key itself stands. */
export interface Entry {
  readonly key: Span;
  readonly value: Tree;
}

export type Path = readonly PropertyKey[];

/**
 * The plain data of a tree. Blocks have no prototype, so that `__proto__` is a key like any other. As a number a block is none:
 * zod holds the `length` of whatever stands where a list should against its bounds.
 */
export function toPlain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(toPlain);
    case 'block': {
      const plain: Record<string, unknown> = Object.create(null);
      Object.defineProperty(plain, Symbol.toPrimitive, { value: () => Number.NaN });
      for (const [key, { value }] of tree.entries) plain[key] = toPlain(value);
      return plain;
    }
  }
}

/** The direct child of a tree, or undefined. */
export function childOf(tree: Tree, key: PropertyKey): Tree | undefined {
  if (tree.kind === 'block') return tree.entries.get(String(key))?.value;
  if (tree.kind === 'list') return tree.items[Number(key)];
  return undefined;
}

/** The part of a tree at a path, or undefined where the path leaves the tree. */
export function treeAt(tree: Tree, path: Path): Tree | undefined {
  return path.reduce<Tree | undefined>((at, key) => at && childOf(at, key), tree);
}

/** A copy of `block` in which `key` has this entry; an existing key keeps its place. */
export function withEntry(block: BlockTree, key: string, entry: Entry): BlockTree {
  return { ...block, entries: new Map(block.entries).set(key, entry) };
}

/** Where to point for a path: its value, else its key when the value is empty, else the nearest block above. */
export function spanAt(root: Tree, path: Path): Span | undefined {
  let nearest: Span | undefined;
  let tree: Tree = root;
  for (const key of path) {
    const entry: Entry | undefined = tree.kind === 'block' ? tree.entries.get(String(key)) : undefined;
    const value = entry?.value ?? childOf(tree, key);
    if (value === undefined) return nearest;
    tree = value;
    nearest = pointer(tree, entry?.key);
  }
  return nearest;
}

/** What is not on the line of its key is pointed at by the key, and so is what is not there at all. */
function pointer(value: Tree, key: Span | undefined): Span {
  const { span } = value;
  if (key === undefined || key.source !== span.source) return span;
  const isBelow = span.source.text.slice(key.start, span.end).trimEnd().includes('\n');
  return span.start === span.end || isBelow ? key : span;
}

/** The same path as people write it: `model.0.kernel_size`. */
export function dotted(path: Path): string {
  return path.map(String).join('.');
}
