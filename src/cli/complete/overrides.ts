import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { configSchema } from '../../config/index.js';
import { type JsonSchema, toJsonSchema } from '../../config/json-schema.js';
import { branches, branchFor, keysOf, schemaAt, typesOf, valueAt } from '../../config/validate/allowed.js';
import type { Candidate } from './candidate.js';
import { pathsFor } from './paths.js';

/** Keys whose values are paths. */
const PATHS =
  /(^|\.)(path|root|from|eval|test|inputs|targets|labels|runs_dir|eval_path|test_path|columns_from)$/;

/**
 * Completes `key=value`.
 *
 * @param word as far as it is typed
 * @param before the words before it: a configuration among them and other overrides say which keys there are
 * @returns the next part of a key, or values of a key that is whole
 */
export function overridesFor(word: string, before: readonly string[]): Candidate[] {
  const schema = toJsonSchema(configSchema);
  const equals = word.indexOf('=');
  const plain = withBlocks(plainOf(before), (equals < 0 ? word : word.slice(0, equals)).split('.'));
  if (equals >= 0) {
    const key = word.slice(0, equals);
    return valuesOf(schema, plain, key, word.slice(equals + 1)).map(({ value, text }) => ({
      value: `${key}=${value}`,
      text,
    }));
  }
  return keysFor(schema, plain, word);
}

function keysFor(schema: JsonSchema, plain: Record<string, unknown>, word: string): Candidate[] {
  const dot = word.lastIndexOf('.');
  const path = dot < 0 ? [] : word.slice(0, dot).split('.');
  const prefix = word.slice(0, dot + 1);
  const block = schemaAt(schema, plain, path);
  if (block === undefined) return [];
  const value = valueAt(plain, path);
  if (Array.isArray(value)) {
    return value.flatMap((entry: unknown, i): Candidate[] => {
      const { type } = (entry ?? {}) as { type?: unknown };
      const own = `${prefix}${i}`;
      return own.startsWith(word)
        ? [{ value: `${own}.`, text: typeof type === 'string' ? type : undefined }]
        : [];
    });
  }
  return keysOf(branchFor(block, value) ?? block).flatMap((key): Candidate[] => {
    const own = `${prefix}${key}`;
    if (!own.startsWith(word)) return [];
    const child = schemaAt(schema, plain, [...path, key]);
    // Layers and the like can only be named one by one, where a configuration has some.
    const isOpen =
      child !== undefined && (keysOf(child).length > 0 || Array.isArray(valueAt(plain, [...path, key])));
    return [{ value: isOpen ? `${own}.` : `${own}=`, text: firstSentence(child?.description) }];
  });
}

function valuesOf(schema: JsonSchema, plain: unknown, key: string, typed: string): Candidate[] {
  const path = key.split('.');
  const found =
    schemaAt(schema, plain, path) ?? ofAnyKind(schemaAt(schema, plain, path.slice(0, -1)), path.at(-1)!);
  if (found === undefined) return [];
  const words = [...typesOf(found), ...branches(found).flatMap(wordsOf)];
  const values = [...new Set(words)].map((value) => ({ value }));
  const paths = PATHS.test(key) ? pathsFor(typed, 'any') : [];
  return [...values.filter(({ value }) => value.startsWith(typed)), ...paths];
}

/** What a key means in the first kind of a block that has it, where none is named. */
function ofAnyKind(block: JsonSchema | undefined, key: string): JsonSchema | undefined {
  const kinds = block === undefined ? [] : branches(block);
  return kinds.map(({ properties }) => properties?.[key]).find((found) => found !== undefined);
}

function wordsOf({ enum: choices, const: only, type }: JsonSchema): string[] {
  if (choices !== undefined) return choices.map(String);
  if (only !== undefined) return [String(only)];
  if (type === 'boolean') return ['true', 'false'];
  return type === 'null' ? ['null'] : [];
}

const firstSentence = (text: string | undefined) => text?.split(/(?<=\.)\s/)[0];

/** What the configuration on the line says, with what is laid over it: as far as it can be read. */
function plainOf(words: readonly string[]): Record<string, unknown> {
  const plain = words.map(configOf).find((found) => found !== undefined) ?? {};
  for (const word of words) {
    const [, key, text = ''] = /^([\w.]+)=(.*)$/s.exec(word) ?? [];
    if (key !== undefined) assign(plain, key.split('.'), scalar(text));
  }
  return plain;
}

/** Blocks that a key is typed in, even where the configuration has none. */
function withBlocks(plain: Record<string, unknown>, path: readonly string[]): Record<string, unknown> {
  let block: Record<string, unknown> = plain;
  for (const key of path.slice(0, -1)) {
    if (typeof block[key] !== 'object' || block[key] === null) block[key] = {};
    block = block[key] as Record<string, unknown>;
  }
  return plain;
}

/** Of a configuration, or of a run's folder. */
function configOf(word: string): Record<string, unknown> | undefined {
  if (/\.ya?ml$/.test(word)) return readPlain(word);
  return /^-|=/.test(word) ? undefined : readPlain(join(word, 'config.yaml'));
}

function readPlain(file: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function scalar(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

function assign(block: Record<string, unknown>, [key, ...below]: readonly string[], value: unknown): void {
  if (key === undefined || key === '__proto__') return;
  if (below.length === 0) {
    block[key] = value;
    return;
  }
  const inner = Object.hasOwn(block, key) ? block[key] : undefined;
  const next = typeof inner === 'object' && inner !== null ? inner : {};
  block[key] = next;
  assign(next as Record<string, unknown>, below, value);
}
