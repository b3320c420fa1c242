import { basename, extname } from 'node:path';
import { jsonSchema } from './json-schema.js';
import type { Source } from './problems/problem.js';
import type { Environment } from './sources/environment.js';
import { type BlockTree, childOf, type Tree, toPlain, withEntry } from './sources/tree.js';
import { branchFor } from './validate/allowed.js';

/**
 * Adds the defaults that the schema cannot know: the name of the run from that of the file, the folder of the
 * data from `LOSSNET_DATA`, the type of a block of which only other keys were set from outside.
 *
 * @param tree the configuration from all layers
 * @param file its file
 * @param env the environment
 */
export function addDefaults(tree: BlockTree, file: string, env: Environment): BlockTree {
  const named = withDefault(tree, 'name', nameOf(file), { kind: 'default', text: '' });
  return withDataRoot(withTypes(named), env);
}

/** The name of a file without folder and extension, as far as it makes a legal name of a run. */
export function nameOf(file: string): string {
  const stem = basename(file, extname(file)).normalize('NFKD').replace(/\p{M}/gu, '');
  return stem.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[-.]+$/g, '') || 'run';
}

/** `loss.label_smoothing=0.1` without a loss in the file means the loss that is used by default. */
function withTypes(tree: BlockTree): BlockTree {
  return [...tree.entries].reduce((at, [key, { value: block }]) => {
    if (block.kind !== 'block' || block.span.source.kind === 'file') return at;
    // Asked for only here and below: to make it takes longer than all else that is done with a configuration.
    const fallback = jsonSchema().properties?.[key]?.default;
    const type =
      typeof fallback === 'object' && fallback !== null && 'type' in fallback ? fallback.type : undefined;
    if (typeof type !== 'string') return at;
    return replaceBlock(at, key, withDefault(block, 'type', type, { kind: 'default', text: '' }));
  }, tree);
}

function withDataRoot(tree: BlockTree, env: Environment): BlockTree {
  const [variable, folder] =
    Object.entries(env).find(([name]) => name.toUpperCase() === 'LOSSNET_DATA') ?? [];
  const dataset = childOf(tree, 'dataset');
  if (variable === undefined || !folder || dataset?.kind !== 'block') return tree;
  const branch = branchFor(jsonSchema().properties?.dataset ?? {}, toPlain(dataset));
  // Data of one's own lie where their configuration says.
  if (branch?.properties?.root?.default === undefined) return tree;
  const source: Source = { kind: 'env', variable, text: `${variable}=${folder}` };
  return replaceBlock(tree, 'dataset', withDefault(dataset, 'root', folder, source));
}

function withDefault(block: BlockTree, key: string, value: string, source: Source): BlockTree {
  if (block.entries.has(key)) return block;
  const span = { source, start: source.text.length - value.length, end: source.text.length };
  const at = source.text === '' ? { source, start: 0, end: 0 } : span;
  return withEntry(block, key, { key: at, value: { kind: 'scalar', value, span: at } });
}

function replaceBlock(tree: BlockTree, key: string, value: Tree): BlockTree {
  const entry = tree.entries.get(key);
  return entry === undefined ? tree : withEntry(tree, key, { ...entry, value });
}
