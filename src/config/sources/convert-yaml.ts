import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from 'yaml';
import { type Problem, placeOf, positionOf, type Span } from '../problems/problem.js';
import { nearest } from '../validate/spelling.js';
import { dotted, type Entry, type Path, type Tree } from './tree.js';

/** What aliases may unfold to, in all. A few lines of aliases of aliases could fill the memory otherwise. */
const MOST_UNFOLDED = 10_000;

/** An anchored value and the number of nodes it unfolds to; no tree yet while it is still being read. */
interface Anchored {
  tree?: Tree;
  size: number;
}

/**
 * Turns the parser's nodes into a tree. Aliases become what they stand for, merge keys (`<<`) are carried out,
 * keys that are there twice are reported.
 *
 * @param root the parsed value
 * @param at makes a span of the parser's offsets
 * @param path where the value belongs, for the problems
 */
export function convertYaml(
  root: ParsedNode,
  at: (start: number, end: number) => Span,
  path: Path,
): { tree: Tree; problems: Problem[] } {
  const converter = new Converter(at);
  const tree = converter.convert(root, path);
  return { tree, problems: converter.problems };
}

class Converter {
  readonly problems: Problem[] = [];
  private readonly anchors = new Map<string, Anchored>();
  private size = 0;
  private unfolded = 0;

  constructor(private readonly at: (start: number, end: number) => Span) {}

  /** Visits nodes in the order of the document: an alias means the last anchor of its name before it. */
  convert(node: ParsedNode, path: Path): Tree {
    this.size++;
    if (isAlias(node)) return this.unfold(node.source, this.span(node), path);
    const before = this.size;
    const anchored: Anchored = { size: 0 };
    if (node.anchor !== undefined) this.anchors.set(node.anchor, anchored);
    const tree = this.content(node, path);
    anchored.tree = tree;
    anchored.size = this.size - before + 1;
    return tree;
  }

  private content(node: ParsedNode, path: Path): Tree {
    const span = this.span(node);
    if (isMap(node)) return { kind: 'block', entries: this.entries(node, path), span };
    if (isSeq(node)) {
      return { kind: 'list', items: node.items.map((item, i) => this.convert(item, [...path, i])), span };
    }
    return { kind: 'scalar', value: scalarValue(node), span };
  }

  private entries(map: YAMLMap.Parsed, path: Path): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    const merged: [Tree, Span][] = [];
    for (const { key: keyNode, value: valueNode } of map.items) {
      const key = String(scalarValue(keyNode));
      const keySpan = this.span(keyNode);
      const value: Tree = valueNode
        ? this.convert(valueNode, [...path, key])
        : { kind: 'scalar', value: null, span: { ...keySpan, start: keySpan.end } };
      const known = entries.get(key);
      if (isMergeKey(keyNode)) {
        merged.push([value, keySpan]);
      } else if (known !== undefined) {
        const { line } = positionOf(known.key.source.text, known.key.start);
        this.report([...path, key], keySpan, `\`${key}\` is set twice in one block; first in line ${line}`, [
          'remove one of the two',
        ]);
      } else {
        entries.set(key, { key: keySpan, value });
      }
    }
    for (const [value, span] of merged) this.merge(entries, value, span, path);
    return entries;
  }

  /** Keys of the block itself win over merged ones, and earlier merged ones over later. */
  private merge(entries: Map<string, Entry>, value: Tree, span: Span, path: Path): void {
    for (const block of value.kind === 'list' ? value.items : [value]) {
      if (block.kind !== 'block') {
        this.report(path, span, '`<<` takes in a block or a list of blocks, such as `<<: *name`');
        continue;
      }
      for (const [key, entry] of block.entries) if (!entries.has(key)) entries.set(key, entry);
    }
  }

  private unfold(name: string, span: Span, path: Path): Tree {
    const nothing: Tree = { kind: 'scalar', value: null, span };
    const anchored = this.anchors.get(name);
    if (anchored === undefined) {
      const guess = nearest(name, [...this.anchors.keys()]);
      const meant = guess === undefined ? '' : `; did you mean \`*${guess}\`?`;
      this.report(
        path,
        span,
        `\`*${name}\` stands for an anchor \`&${name}\` further up: there is none${meant}`,
        ['put text that starts with * in quotes'],
      );
      return nothing;
    }
    if (anchored.tree === undefined) {
      this.report(path, span, `\`*${name}\` stands inside the value that it stands for`);
      return nothing;
    }
    const isWithin = this.unfolded <= MOST_UNFOLDED;
    this.size += anchored.size;
    this.unfolded += anchored.size;
    if (this.unfolded > MOST_UNFOLDED) {
      if (isWithin) this.report(path, span, `the aliases unfold to more than ${MOST_UNFOLDED} values`);
      return nothing;
    }
    // A problem with the value is shown where the value is used; one inside a block, where it is written.
    return anchored.tree.kind === 'scalar' ? { ...anchored.tree, span } : anchored.tree;
  }

  private span(node: ParsedNode): Span {
    return this.at(node.range[0], node.range[1]);
  }

  private report(path: Path, span: Span, message: string, help: readonly string[] = []): void {
    this.problems.push({ path: dotted(path), message, help, place: placeOf(span) });
  }
}

function scalarValue(node: ParsedNode | null): string | number | boolean | null {
  const value: unknown = isScalar(node) ? node.value : null;
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value);
}

const isMergeKey = (key: ParsedNode) => isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
