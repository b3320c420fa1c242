import type { ConfigYaml } from '../../config/index.js';

/** One key of several configurations. */
export interface ConfigRow {
  /** Dotted path, such as `optimizer.lr`. */
  readonly key: string;
  /** What each configuration has there, as text; null: no such key. */
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
}

/** The names of runs and where they are kept always differ and decide nothing. */
const NAMES = new Set(['name', 'runs_dir']);

/**
 * Lays configurations side by side.
 *
 * @param configs resolved configurations
 * @returns a row for each key that any of them has, in the order in which they stand there
 */
export function compareConfigs(configs: readonly ConfigYaml[]): ConfigRow[] {
  const columns = configs.map((config) => new Map(leaves(config)));
  return keysInOrder(columns.map((column) => [...column.keys()])).map((key) => {
    const values = columns.map((column) => column.get(key) ?? null);
    return { key, values, differs: !NAMES.has(key) && new Set(values).size > 1 };
  });
}

/** A key that only some have goes behind the one that it follows there, so that blocks stay together. */
function keysInOrder(lists: readonly (readonly string[])[]): string[] {
  const keys: string[] = [];
  for (const list of lists) {
    let at = 0;
    for (const key of list) {
      const found = keys.indexOf(key);
      if (found < 0) keys.splice(at, 0, key);
      at = (found < 0 ? at : found) + 1;
    }
  }
  return keys;
}

/** Every value that is no block; lists of plain values count as one. */
function leaves(value: unknown, path: readonly string[] = []): [key: string, text: string][] {
  const isBlock = typeof value === 'object' && value !== null;
  const isPlainList =
    Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
  if (!isBlock || isPlainList || Object.keys(value).length === 0) {
    return path.length === 0 ? [] : [[path.join('.'), valueText(value)]];
  }
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
