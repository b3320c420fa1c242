import { z } from 'zod';
import { configSchema } from './schema/index.js';

/** The part of JSON Schema (draft 7) that the configuration's schema makes use of. */
export interface JsonSchema {
  $schema?: string;
  $ref?: string;
  definitions?: Record<string, JsonSchema>;
  title?: string;
  description?: string;
  default?: unknown;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: JsonSchema | JsonSchema[];
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
}

/**
 * JSON Schema of a configuration file as a person writes it: keys with a default may be left out. Draft 7, the
 * one that yaml-language-server knows best.
 */
export function jsonSchema(): JsonSchema {
  const schema = made(configSchema);
  // The one required key that a file may lack: it defaults to the file's own name.
  const required = schema.required?.filter((key) => key !== 'name') ?? [];
  return { ...schema, required };
}

const drafts = new WeakMap<z.ZodType, JsonSchema>();
const linked = new WeakMap<z.ZodType, JsonSchema>();

/**
 * JSON Schema of what a zod schema takes in, each `$ref` replaced by what it stands for: layers within layers make
 * it an object that contains itself, to be followed along a value only. Made once for each.
 */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const known = linked.get(schema) ?? withoutReferences(made(schema));
  linked.set(schema, known);
  return known;
}

/** Made once for each: of reading a configuration it would take the larger part. */
function made(schema: z.ZodType): JsonSchema {
  const known =
    drafts.get(schema) ?? (z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as JsonSchema);
  drafts.set(schema, known);
  return known;
}

function withoutReferences(root: JsonSchema): JsonSchema {
  const copies = new Map<object, unknown>();
  const visit = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    if (copies.has(node)) return copies.get(node);
    if ('$ref' in node && typeof node.$ref === 'string') {
      return visit(root.definitions?.[node.$ref.slice('#/definitions/'.length)]);
    }
    const copy: Record<string, unknown> | unknown[] = Array.isArray(node) ? [] : {};
    copies.set(node, copy);
    for (const [key, value] of Object.entries(node)) Object.assign(copy, { [key]: visit(value) });
    return copy;
  };
  const { definitions: _, ...schema } = visit(root) as JsonSchema;
  return schema;
}
