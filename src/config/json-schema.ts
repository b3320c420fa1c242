import { z } from 'zod';
import { configSchema } from './schema/index.js';

/** The part of JSON Schema (draft 7) that the configuration's schema makes use of. */
export interface JsonSchema {
  $schema?: string;
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
  const schema = toJsonSchema(configSchema);
  // The one required key that a file may lack: it defaults to the file's own name.
  const required = schema.required?.filter((key) => key !== 'name') ?? [];
  return { ...schema, required };
}

const made = new WeakMap<z.ZodType, JsonSchema>();

/** JSON Schema of what a zod schema takes in. Made once for each. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const known =
    made.get(schema) ?? (z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as JsonSchema);
  made.set(schema, known);
  return known;
}
