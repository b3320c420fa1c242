import { stringify } from 'yaml';
import { printable } from '../base/printable.js';
import { displayWidth } from './problems/text.js';
import type { Origin, ResolvedConfig } from './resolved.js';
import type { ConfigYaml } from './schema/index.js';

/** Lines longer than this do not push all comments to the right. */
const WIDEST_ALIGNED = 60;

/** A line of YAML; `paths` are the values that it holds. */
interface Line {
  readonly text: string;
  readonly paths: readonly string[];
}

/**
 * Writes a configuration as YAML, every default filled in.
 *
 * @returns YAML that loads to the same values, with a line feed at the end
 */
export function configToYaml(yaml: ConfigYaml): string {
  return blockLines(yaml, '', '')
    .map(({ text }) => `${text}\n`)
    .join('');
}

/**
 * Writes a configuration as `configToYaml` does, and behind each value where it comes from: `# default`,
 * `# configs/x.yaml:12`, `# LOSSNET_SEED` or `# argument`.
 */
export function printConfig({ yaml, origins }: Pick<ResolvedConfig, 'yaml' | 'origins'>): string {
  const lines = blockLines(yaml, '', '');
  const widths = lines.filter(({ paths }) => paths.length > 0).map(({ text }) => displayWidth(text));
  const column = Math.max(...widths.filter((width) => width <= WIDEST_ALIGNED));
  return lines
    .map(({ text, paths }) => {
      const names = new Set(paths.map((path) => originName(origins.get(path) ?? { kind: 'default' })));
      if (names.size === 0) return `${text}\n`;
      const gap = ' '.repeat(Math.max(0, column - displayWidth(text)));
      return `${text}${gap}  # ${[...names].join(', ')}\n`;
    })
    .join('');
}

/** Where a value comes from, in a few words. */
export function originName(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
    case 'argument':
      return origin.kind;
    case 'env':
      return origin.variable;
    case 'file':
      return `${printable(origin.file)}:${origin.line}`;
  }
}

function blockLines(block: object, indent: string, prefix: string): Line[] {
  return Object.entries(block).flatMap(([name, value]: [string, unknown]): Line[] => {
    const path = prefix + name;
    // Columns of tables have any name.
    const key = scalarText(name);
    if (Array.isArray(value) && value.some(isBlock)) {
      const items = value.flatMap((item: unknown, i) => itemLines(item, `${indent}  `, `${path}.${i}`));
      return [{ text: `${indent}${key}:`, paths: [] }, ...items];
    }
    if (isBlock(value)) {
      return [{ text: `${indent}${key}:`, paths: [] }, ...blockLines(value, `${indent}  `, `${path}.`)];
    }
    return [{ text: `${indent}${key}: ${valueText(value)}`, paths: valuePaths(value, path) }];
  });
}

function itemLines(item: unknown, indent: string, path: string): Line[] {
  if (!isBlock(item)) return [{ text: `${indent}- ${valueText(item)}`, paths: valuePaths(item, path) }];
  const [first, ...rest] = blockLines(item, `${indent}  `, `${path}.`);
  if (first === undefined) return [];
  return [{ ...first, text: `${indent}- ${first.text.trimStart()}` }, ...rest];
}

function valuePaths(value: unknown, path: string): string[] {
  return Array.isArray(value) && value.length > 0 ? value.map((_, i) => `${path}.${i}`) : [path];
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(scalarText).join(', ')}]`;
  return isObject(value) ? '{}' : scalarText(value);
}

/** Text that does not stay on one line, that would end early in a list, or that begins as a document does, is put in quotes. */
function scalarText(value: unknown): string {
  if (typeof value === 'string' && !/^(?!---|\.{3})[\w./-]+$/.test(value)) return JSON.stringify(value);
  return stringify(value, { lineWidth: 0, schema: 'core', version: '1.2' }).trimEnd();
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isBlock = (value: unknown): value is object =>
  isObject(value) && !Array.isArray(value) && Object.keys(value).length > 0;
