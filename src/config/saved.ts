import { VERSION } from '../base/package.js';
import type { Problem } from './problems/problem.js';
import { type BlockTree, childOf, type Tree, withEntry } from './sources/tree.js';

/** How the config.yaml of a run begins: the sign that a folder is one. The version follows. */
export const SAVED_CONFIG_HEAD = '# Resolved by lossnet ';

/** A key that has another place since some version. */
export interface Move {
  /** The first version that writes the new place. */
  readonly since: string;
  /** Dotted paths of blocks' keys. */
  readonly from: string;
  readonly to: string;
}

/** Every move since the first version, in their order. Whoever moves a key adds a line, and old runs can still be read. */
export const MOVES: readonly Move[] = [];

/** The version that wrote a run's configuration; null for a text that lossnet did not write. */
export function versionIn(text: string): string | null {
  return text.startsWith(SAVED_CONFIG_HEAD)
    ? (/^\d+\.\d+\.\d+[^\s:]*/.exec(text.slice(SAVED_CONFIG_HEAD.length))?.[0] ?? null)
    : null;
}

/**
 * Puts the keys of an older version where they are now. A value that is in its new place already stays.
 *
 * @param tree a configuration
 * @param version that wrote it; null: a person did, who is told of keys that do not exist
 * @param moves which keys have moved since when
 * @returns the configuration as this version would have written it
 */
export function migrate(tree: BlockTree, version: string | null, moves: readonly Move[] = MOVES): BlockTree {
  if (version === null) return tree;
  return moves
    .filter(({ since }) => isOlder(version, since))
    .reduce((at, { from, to }) => moved(at, from.split('.'), to.split('.')), tree);
}

/** What to do about the problems of a configuration that a newer version wrote. */
export function blameVersion(problems: readonly Problem[], version: string | null): readonly Problem[] {
  const [first, ...rest] = problems;
  if (first === undefined || version === null || !isOlder(VERSION, version)) return problems;
  const help = `lossnet ${version} wrote it, and this is ${VERSION}: take that version or a later one`;
  return [{ ...first, help: [...first.help, help] }, ...rest];
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  const i = a!.findIndex((number, at) => number !== b![at]);
  return i >= 0 && a![i]! < b![i]!;
}

function moved(tree: BlockTree, from: readonly string[], to: readonly string[]): BlockTree {
  const [block, key] = [blockAt(tree, from.slice(0, -1)), from.at(-1)!];
  const entry = block?.entries.get(key);
  if (block === undefined || entry === undefined) return tree;
  const without = { ...block, entries: new Map([...block.entries].filter(([name]) => name !== key)) };
  const rest = replaced(tree, from.slice(0, -1), without);
  const target = blockAt(rest, to.slice(0, -1));
  if (target?.entries.has(to.at(-1)!)) return rest;
  const holder: BlockTree = target ?? { kind: 'block', entries: new Map(), span: entry.value.span };
  return replaced(rest, to.slice(0, -1), withEntry(holder, to.at(-1)!, entry));
}

function blockAt(tree: BlockTree, path: readonly string[]): BlockTree | undefined {
  const found = path.reduce<Tree | undefined>((at, key) => at && childOf(at, key), tree);
  return found?.kind === 'block' ? found : undefined;
}

/** The tree with another block at a path; blocks on the way to it are made where there are none. */
function replaced(tree: BlockTree, [key, ...below]: readonly string[], block: BlockTree): BlockTree {
  if (key === undefined) return block;
  const inner = blockAt(tree, [key]) ?? { kind: 'block', entries: new Map(), span: block.span };
  const at = tree.entries.get(key)?.key ?? block.span;
  return withEntry(tree, key, { key: at, value: replaced(inner, below, block) });
}
