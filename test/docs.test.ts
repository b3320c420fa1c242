import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type JsonSchema, jsonSchema } from '../src/config/json-schema.js';
import { modelProblem } from '../src/config/model.js';
import { configSchema } from '../src/config/schema/index.js';

const SCHEMA = jsonSchema();

/** A page, the list of types that it explains, and what its introduction explains: blocks, and keys that all types share. */
const PAGES = [
  { file: 'layers.md', kind: SCHEMA.definitions!.layer!, blocks: [], shared: [] },
  { file: 'losses.md', kind: SCHEMA.properties!.loss!, blocks: [], shared: [] },
  {
    file: 'optimizers.md',
    kind: SCHEMA.properties!.optimizer!,
    blocks: [],
    shared: ['weight_decay_on', 'groups'],
  },
  { file: 'schedules.md', kind: SCHEMA.properties!.schedule!, blocks: ['schedule.warmup'], shared: [] },
  { file: 'initializers.md', kind: SCHEMA.definitions!.initializer!, blocks: ['init'], shared: [] },
].map((page) => ({ ...page, ...read(page.file) }));

/** A heading of a type is `## ` and its name as code; what stands before the first such heading is the introduction. */
function read(file: string) {
  const text = readFileSync(new URL(`../docs/${file}`, import.meta.url), 'utf8');
  const [introduction = '', ...rest] = text.split(/^## (?=`)/m);
  const sections = new Map(rest.map((section) => [/^`(.+)`\n/.exec(section)?.[1] ?? section, section]));
  return { text, introduction, sections };
}

function branches(schema: JsonSchema): JsonSchema[] {
  return schema.oneOf ?? schema.anyOf ?? [];
}

function typeOf(schema: JsonSchema): string {
  return String(schema.properties!.type!.const);
}

/** `required`, or the default, of each key of a block. */
function expected({ properties = {}, required = [] }: JsonSchema, prefix = ''): Record<string, unknown> {
  const keys = Object.entries(properties).filter(([key]) => key !== 'type');
  return Object.fromEntries(
    keys.map(([key, value]) => [`${prefix}${key}`, required.includes(key) ? 'required' : value.default]),
  );
}

/** The same as the page's tables of options have it. */
function documented(text: string): Record<string, unknown> {
  const tables = text.matchAll(/^\| option +\| default +\| meaning +\|\n\|[-| ]+\|\n((?:\|.*\|\n)+)/gm);
  const rows = [...tables].flatMap(([, table = '']) => table.trim().split('\n'));
  const entries = rows.map((row) => {
    const [, key, value, meaning] = /^\| `([^`]+)` +\| (required|`.+?`) +\| (\S.*) \|$/.exec(row) ?? [];
    expect(meaning, `the form of ${row}`).toBeDefined();
    return [key, value === 'required' ? value : parse(value!.slice(1, -1))] as [string, unknown];
  });
  expect(new Set(entries.map(([key]) => key)).size, 'no key twice').toBe(entries.length);
  return Object.fromEntries(entries);
}

/** The block within the configuration that a dotted path leads to. */
function blockAt(path: string): JsonSchema {
  const found = path.split('.').reduce<JsonSchema>((schema, key) => {
    const block = [schema, ...branches(schema)].find(({ properties }) => properties?.[key]);
    return block!.properties![key]!;
  }, SCHEMA);
  return branches(found).find(({ properties }) => properties)!;
}

/** Every word that an option can be set to. */
function words(schema: JsonSchema): unknown[] {
  const inner = [...Object.values(schema.properties ?? {}), ...branches(schema)];
  return [...(schema.enum ?? []), ...inner.flatMap(words)];
}

function examples(text: string): unknown[] {
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => parse(yaml));
}

/** A list is a piece of `model`, all else keys of the configuration. */
function checkExample(example: unknown): void {
  const blocks = Array.isArray(example) ? { model: example } : (example as Record<string, unknown>);
  const shape: Record<string, { parse(value: unknown): unknown }> = configSchema.shape;
  for (const [key, value] of Object.entries(blocks)) {
    expect(Object.keys(shape)).toContain(key);
    shape[key]!.parse(value);
  }
  if (!('dataset' in blocks)) return;
  const whole = configSchema.parse({ name: 'example', optimizer: { type: 'sgd' }, ...blocks });
  expect(modelProblem(whole)?.message).toBeUndefined();
}

/** Whether a value holds a block of this type, at any depth. */
function uses(value: unknown, type: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return ('type' in value && value.type === type) || Object.values(value).some((inner) => uses(inner, type));
}

describe.each(PAGES)('docs/$file', ({ text, introduction, sections, kind, blocks, shared }) => {
  const types = branches(kind).map(typeOf);
  const isShared = (key: string) => (shared as readonly string[]).includes(key);

  it('has a section for every type, and no other', () => {
    expect(types.length).toBeGreaterThan(5);
    expect([...sections.keys()].sort()).toEqual([...types].sort());
  });

  it.each(branches(kind).map((schema) => ({ type: typeOf(schema), schema })))(
    '$type: has the keys and defaults of the schema, a formula, a link to PyTorch and an example',
    ({ type, schema }) => {
      const section = sections.get(type) ?? '';
      const own = Object.entries(expected(schema)).filter(([key]) => !isShared(key));
      expect(documented(section)).toEqual(Object.fromEntries(own));
      expect(section).toMatch(/^```text\n[^`]+```$/m);
      expect(section).toMatch(
        /\[(torch\.[\w.]+)\]\(https:\/\/docs\.pytorch\.org\/docs\/stable\/(generated\/\1\.html|nn\.init\.html#\1)\)/,
      );
      expect(examples(section).some((example) => uses(example, type))).toBe(true);
      expect(words(schema).filter((word) => !`${introduction}${section}`.includes(`\`${word}\``))).toEqual(
        [],
      );
    },
  );

  it('explains the blocks around or within the types, and what all types have', () => {
    const all = blocks.map((path) => expected(blockAt(path), `${path}.`));
    const ofAll = branches(kind).map((schema) =>
      Object.fromEntries(Object.entries(expected(schema)).filter(([key]) => isShared(key))),
    );
    expect(documented(introduction)).toEqual(Object.assign({}, ...all, ...ofAll));
  });

  it('has examples that are valid', () => {
    expect(examples(text).length).toBeGreaterThanOrEqual(types.length);
    for (const example of examples(text)) checkExample(example);
  });
});
