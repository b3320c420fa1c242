import type { DataSource } from '../train/data/source.js';
import { type Problem, positionOf, type Span } from './problems/problem.js';
import type { ConfigYaml } from './schema/index.js';
import { variableOf } from './sources/environment.js';
import { dotted, type Path, type Tree, treeAt } from './sources/tree.js';
import { placeAt } from './validate/issues.js';

/** Where a value comes from. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'env'; readonly variable: string }
  | { readonly kind: 'argument'; readonly text: string };

/** Values to lay over a configuration: by dotted key, or as a command line has them. */
export type Variation = Readonly<Record<string, unknown>> | readonly string[];

/** A valid configuration, with all that is known about how it came about. */
export interface ResolvedConfig {
  /** Every value, defaults filled in, under the keys of the file. */
  readonly yaml: ConfigYaml;
  /** Where each single value comes from, by dotted path such as `model.0.out_channels`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** For the log: what was dropped because a `type` was changed, and advice on what is legal but hardly meant. */
  readonly notes: readonly string[];
  /** What is to be said before training, however little is printed: where the schedule does not fit the run. */
  readonly warnings: readonly string[];
  /** The file, as it was named to `loadConfig`. */
  readonly file: string;
  /** Data of one's own, where they take the place of the data set; undefined: what `dataset` says. */
  readonly data: DataSource | undefined;
  /**
   * The same configuration with other values, checked as a whole again. A block loses what it does not repeat.
   *
   * @param values by dotted key, such as `{ 'optimizer.lr': 0.1 }`, or as arguments, such as `['optimizer.lr=0.1']`
   * @returns the other configuration; its notes are of this step alone
   * @throws ConfigError with all that is wrong with it
   */
  with(values: Variation): ResolvedConfig;
  /**
   * A problem that a later stage finds, such as shapes that do not fit.
   *
   * @param path dotted path of the value to point at; where it has its default, the block above is pointed at, unless an
   * argument or a variable made it for another key
   * @param message one sentence: what was received and what is allowed
   * @param help what to do about it, a line each
   */
  problem(path: string, message: string, help?: readonly string[]): Problem;
}

/** Puts a resolved configuration together from validated values and the tree that they were read from. */
export function resolved(
  yaml: ConfigYaml,
  tree: Tree,
  rest: Omit<ResolvedConfig, 'yaml' | 'origins' | 'problem'>,
): ResolvedConfig {
  const origins = new Map<string, Origin>();
  for (const path of leafPaths(yaml)) {
    const found = treeAt(tree, path);
    origins.set(dotted(path), found === undefined ? { kind: 'default' } : originOf(found.span));
  }
  return {
    yaml,
    origins,
    ...rest,
    problem: (path, message, help = []) => ({
      path,
      message,
      help,
      place: placeAt(tree, setsAnother(tree, path) ? [] : pathOf(path)),
    }),
  };
}

const pathOf = (path: string): Path => (path === '' ? [] : path.split('.'));

/** Whether what stands nearest to a key that has its default is an argument or a variable that is about another key. */
function setsAnother(tree: Tree, path: string): boolean {
  if (treeAt(tree, pathOf(path)) !== undefined) return false;
  const { source } = placeAt(tree, pathOf(path));
  const isAbove = (key: string): boolean => `${path}.`.startsWith(`${key}.`);
  if (source.kind === 'argument') return !isAbove(source.text.replace(/\s*=.*/s, ''));
  return source.kind === 'env' && !`${variableOf(path)}__`.startsWith(`${source.variable.toUpperCase()}__`);
}

/** The paths of everything that is not a block or a list with something in it. */
function leafPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, child]) => leafPaths(child, [...path, key]));
  return inner.length === 0 ? [path] : inner;
}

function originOf({ source, start }: Span): Origin {
  switch (source.kind) {
    case 'file':
      return { kind: 'file', file: source.file, ...positionOf(source.text, start) };
    case 'env':
      return { kind: 'env', variable: source.variable };
    case 'argument':
      return { kind: 'argument', text: source.text };
    case 'default':
      return { kind: 'default' };
  }
}
