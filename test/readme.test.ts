import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type JsonSchema, jsonSchema } from '../src/config/json-schema.js';
import { lossnet } from './helpers/cli.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Blocks whose options have pages of their own in docs/, which test/docs.test.ts checks: here only their kinds count. */
const OWN_PAGES = ['model', 'init', 'loss', 'optimizer', 'schedule'];

/** Every key, but for those of `leaveOut`'s blocks. */
function keys({ properties = {}, anyOf = [], oneOf = [] }: JsonSchema, leaveOut: string[] = []): string[] {
  const own = Object.entries(properties).flatMap(([key, inner]) =>
    leaveOut.includes(key) ? [key] : [key, ...keys(inner)],
  );
  return [...own, ...[...anyOf, ...oneOf].flatMap((branch) => keys(branch))];
}

/** Every `type` that a block can have. */
function kinds({ properties = {}, anyOf = [], oneOf = [], definitions = {} }: JsonSchema): string[] {
  const type = properties.type?.const;
  const inner = [...anyOf, ...oneOf, ...Object.values(properties), ...Object.values(definitions)];
  return [...(typeof type === 'string' ? [type] : []), ...inner.flatMap(kinds)];
}

describe('the README', () => {
  it('names every key and kind of the configuration', () => {
    const schema = jsonSchema();
    const known = new Set([...keys(schema, OWN_PAGES), ...kinds(schema)]);
    expect(known.size).toBeGreaterThan(90);
    expect([...known].filter((word) => !new RegExp(`\\b${word}\\b`).test(README))).toEqual([]);
  });

  it.each(['--help', 'train --help'])('shows what lossnet %s prints', async (args) => {
    const { stdout } = await lossnet(args.split(' '));
    expect(README).toContain(stdout.trim());
  });
});
