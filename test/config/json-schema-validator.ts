import type { JsonSchema } from '../../src/config/json-schema.js';

/** What says nothing about whether a value is allowed. */
const ANNOTATIONS = ['$schema', 'title', 'description', 'default', 'definitions', 'id'];

type Check = (expected: never, value: unknown, schema: JsonSchema, root: JsonSchema) => boolean;

/**
 * As much of JSON Schema as the configuration's schema uses, for tests. A keyword that is not known here throws,
 * so that none is silently taken as fulfilled.
 */
export function accepts(schema: JsonSchema, value: unknown, root = schema): boolean {
  return Object.entries(schema).every(([keyword, expected]) => {
    if (ANNOTATIONS.includes(keyword)) return true;
    const check = CHECKS[keyword];
    if (check === undefined) throw new Error(`this validator does not know \`${keyword}\``);
    return check(expected as never, value, schema, root);
  });
}

const isBlock = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const matching = (schemas: JsonSchema[], value: unknown, root: JsonSchema) =>
  schemas.filter((branch) => accepts(branch, value, root)).length;

const CHECKS: Readonly<Record<string, Check>> = {
  type: (type: string, value) => {
    if (type === 'null') return value === null;
    if (type === 'array') return Array.isArray(value);
    if (type === 'object') return isBlock(value);
    return type === 'integer' ? Number.isInteger(value) : typeof value === type;
  },
  const: (expected: unknown, value) => value === expected,
  enum: (choices: unknown[], value) => choices.includes(value),
  $ref: (reference: string, value, _, root) =>
    accepts(root.definitions![reference.replace('#/definitions/', '')]!, value, root),
  anyOf: (schemas: JsonSchema[], value, _, root) => matching(schemas, value, root) > 0,
  oneOf: (schemas: JsonSchema[], value, _, root) => matching(schemas, value, root) === 1,
  properties: (properties: Record<string, JsonSchema>, value, _, root) =>
    !isBlock(value) ||
    Object.entries(properties).every(([key, inner]) => !(key in value) || accepts(inner, value[key], root)),
  required: (keys: string[], value) => !isBlock(value) || keys.every((key) => key in value),
  additionalProperties: (_: false, value, { properties = {} }) =>
    !isBlock(value) || Object.keys(value).every((key) => key in properties),
  items: (items: JsonSchema | JsonSchema[], value, _, root) =>
    !Array.isArray(value) ||
    value.every((item, i) => {
      const inner = Array.isArray(items) ? items[i] : items;
      return inner === undefined || accepts(inner, item, root);
    }),
  additionalItems: (_: false, value, { items }) =>
    !Array.isArray(value) || !Array.isArray(items) || value.length <= items.length,
  minItems: (least: number, value) => !Array.isArray(value) || value.length >= least,
  maxItems: (most: number, value) => !Array.isArray(value) || value.length <= most,
  minimum: (least: number, value) => typeof value !== 'number' || value >= least,
  maximum: (most: number, value) => typeof value !== 'number' || value <= most,
  exclusiveMinimum: (least: number, value) => typeof value !== 'number' || value > least,
  exclusiveMaximum: (most: number, value) => typeof value !== 'number' || value < most,
  minLength: (least: number, value) => typeof value !== 'string' || value.length >= least,
  pattern: (pattern: string, value) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
};
