import type { JsonSchema } from '../json-schema.js';
import { listing } from '../problems/text.js';
import type { Path } from '../sources/tree.js';

/** The alternatives of a schema; of one without any, itself. */
export function branches(schema: JsonSchema): JsonSchema[] {
  const inner = schema.anyOf ?? schema.oneOf;
  return inner === undefined ? [schema] : inner.flatMap(branches);
}

/** The alternative that a value means: by its `type` key among blocks, else by its kind. */
export function branchFor(schema: JsonSchema, value: unknown): JsonSchema | undefined {
  const all = branches(schema);
  if (all.length === 1) return all[0];
  if (Array.isArray(value)) return all.find(({ type }) => type === 'array');
  if (typeof value === 'object' && value !== null) {
    const blocks = all.filter(({ type }) => type === 'object');
    if (blocks.length === 1) return blocks[0];
    const type: unknown = 'type' in value ? value.type : undefined;
    return blocks.find(({ properties }) => properties?.type?.const === type);
  }
  return all.find(({ type }) => type !== 'array' && type !== 'object');
}

/** The schema of a key or an index in a value of `schema`, or undefined where there is none. */
export function childSchema(schema: JsonSchema, value: unknown, key: PropertyKey): JsonSchema | undefined {
  const branch = branchFor(schema, value);
  if (branch === undefined) {
    // With a wrong or missing `type`, what is known is the list of types.
    const types = typesOf(schema);
    return key === 'type' && types.length > 0 ? { enum: types } : undefined;
  }
  if (branch.properties !== undefined && Object.hasOwn(branch.properties, key)) {
    const known = branch.properties[String(key)];
    return key === 'type' ? { enum: typesOf(schema) } : known;
  }
  if (Array.isArray(branch.items)) return branch.items[Number(key)];
  return branch.items;
}

/** The schema at a path in `value`, or undefined where the path leads nowhere. */
export function schemaAt(root: JsonSchema, value: unknown, path: Path): JsonSchema | undefined {
  let schema: JsonSchema | undefined = root;
  for (const [depth, key] of path.entries()) {
    schema = schema && childSchema(schema, valueAt(value, path.slice(0, depth)), key);
  }
  return schema;
}

/** The `type`s that a block can have: `sgd`, `adam`, … for the optimizer; none for a block without a type. */
export function typesOf(schema: JsonSchema): string[] {
  return branches(schema).flatMap(({ properties }) => {
    const type = properties?.type?.const;
    return typeof type === 'string' ? [type] : [];
  });
}

/** The keys that a block of this schema may have. */
export function keysOf(schema: JsonSchema): string[] {
  return [...new Set(branches(schema).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/**
 * Dotted paths of all keys that a configuration can have, entries of lists left out. Of a block with types, only
 * the keys of the type that `value` has, if it has one.
 */
export function allPaths(schema: JsonSchema, value: unknown, prefix = ''): string[] {
  const used = branchFor(schema, value);
  const blocks = used?.properties === undefined ? branches(schema) : [used];
  const paths = blocks.flatMap(({ properties }) =>
    Object.entries(properties ?? {}).flatMap(([key, inner]) => {
      const path = `${prefix}${key}`;
      return [path, ...allPaths(inner, valueAt(value, [key]), `${path}.`)];
    }),
  );
  return [...new Set(paths)];
}

/** The part of plain data at a path, or undefined where the path leaves it. */
export function valueAt(plain: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<PropertyKey, unknown>)[key]
        : undefined,
    plain,
  );
}

/** What a schema allows, in a few words: `integer ≥ 1, or [height, width] with each integer ≥ 1`. */
export function describe(schema: JsonSchema): string {
  const types = typesOf(schema);
  if (types.length > 0) return withNull(schema, `a block with \`type\`: ${oneOf(types)}`);
  const all = branches(schema);
  return all.map((branch) => describeBranch(branch)).join(', or ');
}

/** `a`, or `one of a, b, c`. */
export function oneOf(choices: readonly unknown[]): string {
  return choices.length === 1 ? String(choices[0]) : `one of ${choices.map(String).join(', ')}`;
}

function withNull(schema: JsonSchema, text: string): string {
  return branches(schema).some(({ type }) => type === 'null') ? `${text}, or null` : text;
}

function describeBranch(schema: JsonSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum !== undefined) return oneOf(schema.enum);
  switch (schema.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
    case 'number':
      return schema.type + range(schema);
    case 'string':
      return describeText(schema);
    case 'array':
      return describeList(schema);
    case 'object':
      return `a block with ${keysOf(schema).length === 1 ? 'the key' : 'keys such as'} ${listing(keysOf(schema).slice(0, 3))}`;
    default:
      return schema.type ?? 'a value';
  }
}

function range(schema: JsonSchema): string {
  const { minimum: least, exclusiveMinimum: above, exclusiveMaximum: below, multipleOf } = schema;
  // Every integer of JavaScript's has this limit: it says nothing about the key.
  const most = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  const multiple = multipleOf === undefined ? '' : `, a multiple of ${multipleOf}`;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}${multiple}`;
  const limits: string[] = [];
  if (least !== undefined && least !== Number.MIN_SAFE_INTEGER) limits.push(`≥ ${least}`);
  if (above !== undefined) limits.push(`> ${above}`);
  if (most !== undefined) limits.push(`≤ ${most}`);
  if (below !== undefined) limits.push(`< ${below}`);
  return (limits.length === 0 ? '' : ` ${listing(limits)}`) + multiple;
}

function describeText({ minLength, maxLength, pattern, format, title }: JsonSchema): string {
  if (title !== undefined) return title;
  if (format !== undefined || pattern !== undefined) return `text of the form ${format ?? pattern}`;
  if (maxLength !== undefined) return `text of ${minLength ?? 0} to ${maxLength} characters`;
  if (minLength === 1) return 'text that is not empty';
  return minLength === undefined ? 'text' : `text of at least ${minLength} characters`;
}

function describeList({ items, minItems = 0, maxItems, title }: JsonSchema): string {
  const each = Array.isArray(items) ? [...new Set(items.map(describe))] : [describe(items ?? {})];
  const entries = each.length === 1 ? `each ${each[0]}` : each.join('; ');
  if (title !== undefined) return `${title} with ${entries}`;
  if (minItems === maxItems) return `a list of ${minItems}, ${entries}`;
  const limits: string[] = [];
  if (minItems > 0) limits.push(`at least ${minItems === 1 ? '1 entry' : `${minItems} entries`}`);
  if (maxItems !== undefined) limits.push(`at most ${maxItems === 1 ? '1 entry' : `${maxItems} entries`}`);
  return `a list${limits.length === 0 ? '' : ` with ${listing(limits)}`}, ${entries}`;
}
