import type { JsonSchema } from '../json-schema.js';
import type { Place, Source } from '../problems/problem.js';
import { listing } from '../problems/text.js';
import { variableOf } from '../sources/environment.js';
import { dotted, type Path } from '../sources/tree.js';
import { allPaths, branches, branchFor, keysOf, schemaAt, valueAt } from './allowed.js';
import { nearest, nearestSpelling, synonymOf } from './spelling.js';

export interface UnknownKey {
  readonly help: readonly string[];
  /** The key of the same block that was most likely meant. */
  readonly meant: string | undefined;
}

/**
 * Finds out what an unknown key was meant to be: a key of its block under another spelling, a key of the block
 * with another `type`, or a key of another block.
 *
 * @param root schema of the whole configuration
 * @param plain the configuration as received
 * @param path of the block that holds the key
 * @param key the unknown key
 * @param place where the key was written; suggestions are spelled as there
 */
export function explainUnknownKey(
  root: JsonSchema,
  plain: unknown,
  path: Path,
  key: string,
  { source, span }: Place,
): UnknownKey {
  const schema = schemaAt(root, plain, path) ?? {};
  const branch = branchFor(schema, valueAt(plain, path)) ?? schema;
  const keys = keysOf(branch);
  const allowed = `allowed here: ${keys.join(', ')}`;

  const glued = /^(\w+):(.+)$/.exec(key);
  if (glued?.[1] !== undefined && keys.includes(glued[1])) {
    const help = [`a space is missing after the colon: write \`${glued[1]}: ${glued[2]}\``];
    return { help, meant: undefined };
  }
  const whole = /(\d+),$/.exec(source.text.slice(0, span?.start));
  if (/^\d+(e[-+]?\d+)?$/i.test(key) && whole) {
    const help = [`a comma ends the value within { }: write ${whole[1]}.${key}, with a decimal point`];
    return { help, meant: undefined };
  }
  const owners = branches(schema).filter((other) => other !== branch && keysOf(other).includes(key));
  if (owners.length > 0) {
    const types = owners.map(({ properties }) => String(properties?.type?.const));
    return { help: [`\`${key}\` is a key of type ${types.join(', ')}`, allowed], meant: undefined };
  }

  const home = dotted(path);
  const known = allPaths(root, plain).filter((target) => target.includes('.') && parentOf(target) !== home);
  const full = dotted([...path, key]);
  const exact = known.filter((target) => bare(target) === bare(full));
  const meant = exact.length > 0 ? undefined : nearest(key, keys);
  const targets = meant === undefined ? elsewhere(full, key, known, exact) : [dotted([...path, meant])];
  const guesses = targets.map((target) => `\`${spelling(target, source, meant)}\``);
  return {
    help: guesses.length === 0 ? [allowed] : [`did you mean ${listing(guesses, 'or')}?`, allowed],
    meant,
  };
}

/** Keys of other blocks: with the same path but for its dots, of the same name, or of a similar path. */
function elsewhere(full: string, key: string, known: readonly string[], exact: readonly string[]): string[] {
  if (exact.length > 0) return [...exact];
  const name = bare(synonymOf(key) ?? key);
  const sameName = known.filter((target) => bare(target.slice(parentOf(target).length)) === name);
  if (sameName.length > 0) return sameName.slice(0, 3);
  const guess = nearestSpelling(full, known);
  return guess === undefined ? [] : [guess];
}

const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('.')));

function spelling(target: string, source: Source, sibling: string | undefined): string {
  if (source.kind === 'env') return variableOf(target);
  return source.kind === 'argument' ? target : (sibling ?? target);
}

const bare = (path: string) => path.toLowerCase().replace(/[._-]/g, '');
